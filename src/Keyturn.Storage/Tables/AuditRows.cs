using System.Data.Common;
using Keyturn.Access;
using Keyturn.Audit;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of the audit log, written in the transaction of what they tell about.</summary>
internal static class AuditRows
{
    public static ValueTask AppendAsync(StoreSession session, AuditEntry entry, DateTimeOffset now) => session.RunAsync(
        """
        INSERT INTO audit (time, project_id, principal_id, principal_name, source, request_id, action, outcome, instance_id, account, reset_id, detail)
        VALUES ($time, $project, $principal, $principalName, $source, $request, $action, $outcome, $instance, $account, $reset, $detail)
        """,
        ("$time", now),
        ("$project", entry.Caller.ProjectId),
        ("$principal", entry.Caller.PrincipalId),
        ("$principalName", entry.Caller.PrincipalName),
        ("$source", entry.Caller.Source),
        ("$request", entry.Caller.RequestId),
        ("$action", entry.Action),
        ("$outcome", entry.Outcome),
        ("$instance", entry.InstanceId),
        ("$account", entry.Account),
        ("$reset", entry.ResetId),
        ("$detail", entry.Detail));

    public static ValueTask<List<RecordedAuditEntry>> ListAsync(StoreSession session, Guid projectId, int limit) => session.QueryAsync(
        """
        SELECT sequence, time, principal_id, principal_name, project_id, source, request_id, action, outcome, instance_id, account, reset_id, detail
        FROM audit WHERE project_id = $project ORDER BY sequence DESC LIMIT $limit
        """,
        Read,
        ("$project", projectId),
        ("$limit", limit));

    private static RecordedAuditEntry Read(DbDataReader row) => new(row.GetInt64(0), row.Time(1), new AuditEntry
    {
        Caller = new Caller(row.Id(2), row.GetString(3), row.Id(4), row.GetString(5), row.GetString(6)),
        Action = row.GetString(7),
        Outcome = row.GetString(8),
        InstanceId = row.OptionalId(9),
        Account = row.OptionalText(10),
        ResetId = row.OptionalId(11),
        Detail = row.OptionalText(12),
    });
}
