using System.Data.Common;
using Keyturn.Access;
using Keyturn.Audit;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of the audit log, written in the transaction of what they tell about, each chained to the one before it.</summary>
internal static class AuditRows
{
    private const string Columns =
        "sequence, time, principal_id, principal_name, project_id, source, request_id, action, outcome, instance_id, account, reset_id, detail, chain_id, chain_number, hash";

    /// <summary>Appends a row. If the chain is not where the pen believes it to be, the store refuses the row.</summary>
    public static async ValueTask AppendAsync(StoreSession session, AuditEntry entry, DateTimeOffset now)
    {
        var pen = session.Pen ?? throw new InvalidOperationException("This store was opened without its keys: nothing can be appended to its audit log.");
        var row = Storable(entry);
        var head = await pen.AdvanceAsync(session, row, now);
        await session.RunAsync(
            """
            INSERT INTO audit (time, project_id, principal_id, principal_name, source, request_id, action, outcome, instance_id, account, reset_id, detail,
                               chain_id, chain_number, hash)
            VALUES ($time, $project, $principal, $principalName, $source, $request, $action, $outcome, $instance, $account, $reset, $detail,
                    (SELECT id FROM audit_chains WHERE id = $chain AND holder = $holder AND number = $number), $number, $hash)
            """,
            ("$time", now),
            ("$project", row.Caller.ProjectId),
            ("$principal", row.Caller.PrincipalId),
            ("$principalName", row.Caller.PrincipalName),
            ("$source", row.Caller.Source),
            ("$request", row.Caller.RequestId),
            ("$action", row.Action),
            ("$outcome", row.Outcome),
            ("$instance", row.InstanceId),
            ("$account", row.Account),
            ("$reset", row.ResetId),
            ("$detail", row.Detail),
            ("$chain", head.Id),
            ("$holder", pen.Holder),
            ("$number", head.Number),
            ("$hash", head.Hash));
    }

    /// <summary>The newest first; after a sequence the oldest first.</summary>
    public static ValueTask<List<RecordedAuditEntry>> ListAsync(StoreSession session, Guid projectId, AuditFilter filter)
    {
        (string Condition, string Name, object? Value)[] all =
        [
            ("project_id = $project", "$project", projectId),
            ("sequence > $after", "$after", filter.After),
            ("instance_id = $instance", "$instance", filter.InstanceId),
            ("account = $account", "$account", filter.Account),
            ("principal_name = $principal", "$principal", filter.Principal),
            ("action = $action", "$action", filter.Action),
            ("outcome = $outcome", "$outcome", filter.Outcome),
            ("time >= $since", "$since", filter.Since),
        ];
        var given = all.Where(condition => condition.Value is not null).ToList();
        return session.QueryAsync(
            $"SELECT {Columns} FROM audit WHERE {string.Join(" AND ", given.Select(condition => condition.Condition))} ORDER BY sequence {(filter.After is null ? "DESC" : "ASC")} LIMIT $limit",
            Read,
            [.. given.Select(condition => (condition.Name, condition.Value)), ("$limit", filter.Limit)]);
    }

    /// <summary>Rows of a chain, in its order.</summary>
    public static ValueTask<List<RecordedAuditEntry>> OfChainAsync(StoreSession session, Guid chain, long after, long limit) => session.QueryAsync(
        $"SELECT {Columns} FROM audit WHERE chain_id = $chain AND chain_number > $after ORDER BY chain_number LIMIT $limit",
        Read,
        ("$chain", chain), ("$after", after), ("$limit", limit));

    /// <summary>How many rows say that they are of a chain, each number as often as it is there.</summary>
    public static async ValueTask<long> CountOfChainAsync(StoreSession session, Guid chain) =>
        await session.FirstNumberAsync("SELECT count(*) FROM audit WHERE chain_id = $chain AND chain_number > 0", ("$chain", chain)) ?? 0;

    /// <summary>The first row that is at no place of a chain, and not among those of before there were chains.</summary>
    public static ValueTask<RecordedAuditEntry?> FindAddedAsync(StoreSession session, long last) => session.FirstAsync(
        $"""
        SELECT {Columns} FROM audit
        WHERE (chain_id IS NULL AND (sequence < 1 OR sequence > $last)) OR (chain_id IS NOT NULL AND (chain_number IS NULL OR chain_number < 1))
        ORDER BY sequence LIMIT 1
        """,
        Read,
        ("$last", last));

    /// <summary>Rows of before there were chains.</summary>
    public static ValueTask<List<RecordedAuditEntry>> UnchainedAsync(StoreSession session, long after, long last, long limit) => session.QueryAsync(
        $"SELECT {Columns} FROM audit WHERE sequence > $after AND sequence <= $last AND chain_id IS NULL ORDER BY sequence LIMIT $limit",
        Read,
        ("$after", after), ("$last", last), ("$limit", limit));

    /// <summary>A text cannot hold U+0000 in PostgreSQL, nor can what SQLite has behind one be relied on.</summary>
    private static AuditEntry Storable(AuditEntry entry) => entry with
    {
        Account = entry.Account?.Replace('\0', '\uFFFD'),
        Detail = entry.Detail?.Replace('\0', '\uFFFD'),
    };

    private static RecordedAuditEntry Read(DbDataReader row)
    {
        var entry = new AuditEntry
        {
            Caller = new Caller(row.Id(2), row.GetString(3), row.Id(4), row.GetString(5), row.GetString(6)),
            Action = row.GetString(7),
            Outcome = row.GetString(8),
            InstanceId = row.OptionalId(9),
            Account = row.OptionalText(10),
            ResetId = row.OptionalId(11),
            Detail = row.OptionalText(12),
        };
        return new RecordedAuditEntry(row.GetInt64(0), row.Time(1), entry)
        {
            Link = row.OptionalId(13) is { } chain && !row.IsDBNull(14) ? new AuditLink(chain, row.GetInt64(14), row.IsDBNull(15) ? "" : Convert.ToHexStringLower(row.Bytes(15))) : null,
        };
    }
}
