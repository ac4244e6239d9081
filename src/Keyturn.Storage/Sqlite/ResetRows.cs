using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Rows of resets, read.</summary>
internal static class ResetRows
{
    private const int AccountColumn = 17;

    private const string Select =
        $"""
        SELECT r.number, r.id, r.kind, r.state, r.version, r.auth_plugin, r.proof, r.principal_id, r.operation, r.prepared_at, r.ended_at,
               r.settle_by, r.fence, r.attempts, r.cause_error, r.cause_detail, r.roles, {AccountRows.Columns}
        FROM resets r JOIN accounts a ON a.id = r.account_id
        """;

    /// <summary>Parked, and neither replaced nor settled by an adopted or promoted password.</summary>
    private const string IsParked = "state = 'Parked' AND superseded_at IS NULL";

    private const string UnsettledId =
        $"""
        SELECT id FROM resets WHERE account_id = $account AND state IN ('Prepared', 'Undecided')
        UNION ALL
        SELECT id FROM resets WHERE account_id = $account AND {IsParked}
        """;

    public static ResetRecord? Find(SqliteSession session, Guid resetId) =>
        session.First($"{Select} WHERE r.id = $id", Read, ("$id", resetId))?.With(session);

    public static ResetRecord? FindUnsettled(SqliteSession session, Guid accountId) =>
        FindUnsettledId(session, accountId) is { } id ? Find(session, id) : null;

    /// <summary>The account's reset that is open, or parked and not superseded.</summary>
    public static Guid? FindUnsettledId(SqliteSession session, Guid accountId) => session.FirstId(UnsettledId, ("$account", accountId));

    /// <summary>The account's open reset.</summary>
    public static Guid? FindOpenId(SqliteSession session, Guid accountId) => session.FirstId(
        "SELECT id FROM resets WHERE account_id = $account AND state IN ('Prepared', 'Undecided')",
        ("$account", accountId));

    /// <summary>Whether the reset is parked, and this its last lease.</summary>
    public static bool IsParkedUnder(SqliteSession session, Guid resetId, long fence) => session.Any(
        $"SELECT 1 FROM resets WHERE id = $id AND fence = $fence AND {IsParked}",
        ("$id", resetId), ("$fence", fence));

    /// <summary>Whether an account of the instance has an open reset.</summary>
    public static bool AnyOpen(SqliteSession session, Guid instanceId) => session.Any(
        "SELECT 1 FROM resets INDEXED BY resets_open WHERE state IN ('Prepared', 'Undecided') AND instance_id = $instance",
        ("$instance", instanceId));

    public static List<ResetRecord> List(SqliteSession session, Guid instanceId, Guid? accountId, int limit)
    {
        var rows = accountId is { } account
            ? session.Query(
                $"{Select} WHERE r.account_id = $account AND r.instance_id = $instance ORDER BY r.number DESC LIMIT $limit",
                Read, ("$account", account), ("$instance", instanceId), ("$limit", limit))
            : session.Query($"{Select} WHERE r.instance_id = $instance ORDER BY r.number DESC LIMIT $limit", Read, ("$instance", instanceId), ("$limit", limit));
        return [.. rows.Select(row => row.With(session))];
    }

    /// <summary>See <see cref="IResetStore.DueAsync"/>. Looks at the open resets only: there are few.</summary>
    public static List<Guid> Due(SqliteSession session, int limit, DateTimeOffset now) => session.Query(
        """
        SELECT id FROM resets INDEXED BY resets_open
        WHERE state IN ('Prepared', 'Undecided') AND lease_until <= $now AND next_attempt_at <= $now
        ORDER BY number LIMIT $limit
        """,
        row => row.Id(0),
        ("$now", now), ("$limit", limit));

    /// <summary>Both partial indexes are small: they hold unsettled resets only.</summary>
    public static int CountUnsettled(SqliteSession session, Guid projectId) => (int)session.FirstNumber(
        $"""
        SELECT count(*) FROM instances
        JOIN (SELECT instance_id FROM resets INDEXED BY resets_open WHERE state IN ('Prepared', 'Undecided')
              UNION ALL SELECT instance_id FROM resets INDEXED BY resets_parked WHERE {IsParked}) unsettled ON unsettled.instance_id = instances.id
        WHERE project_id = $project
        """,
        ("$project", projectId))!.Value;

    /// <summary>See <see cref="IResetStore.ListBusyInstancesAsync"/>.</summary>
    public static List<Guid> BusyInstances(SqliteSession session, Guid projectId) => session.Query(
        """
        SELECT DISTINCT instances.id FROM resets INDEXED BY resets_open JOIN instances ON instances.id = resets.instance_id
        WHERE state IN ('Prepared', 'Undecided') AND project_id = $project
        """,
        row => row.Id(0),
        ("$project", projectId));

    /// <summary>The account's parked reset, if there is one, no longer waits for anybody.</summary>
    public static void SupersedeParked(SqliteSession session, Guid accountId, DateTimeOffset now, string why)
    {
        var number = session.FirstNumber($"SELECT number FROM resets WHERE account_id = $account AND {IsParked}", ("$account", accountId));
        if (number is { } parked)
        {
            session.Execute("UPDATE resets SET superseded_at = $now WHERE number = $number", ("$now", now), ("$number", parked));
            ResetParts.AddEvents(session, parked, [new ResetEvent(now, "superseded", Node: null, why)]);
        }
    }

    private static ResetRow Read(SqliteDataReader row) => new(row.GetInt64(0), new ResetRecord
    {
        Id = row.Id(1),
        Account = AccountRows.Read(row, AccountColumn),
        Kind = row.Member<ResetKind>(2),
        State = row.Member<ResetState>(3),
        Version = row.GetInt32(4),
        AuthPlugin = row.OptionalText(5),
        Proof = row.Member<ProofMode>(6),
        PrincipalId = row.Id(7),
        Operation = row.GetString(8),
        PreparedAt = row.Time(9),
        EndedAt = row.OptionalTime(10),
        SettleBy = row.Time(11),
        Fence = row.GetInt64(12),
        Attempts = row.GetInt32(13),
        Cause = row.OptionalMember<EngineError>(14) is { } error ? new Failure(error, row.GetString(15)) : null,
        Roles = RolesColumn.Read(row.OptionalText(16)),
        Nodes = [],
        Events = [],
    });

    private sealed record ResetRow(long Number, ResetRecord Record)
    {
        public ResetRecord With(SqliteSession session) =>
            Record with { Nodes = ResetParts.Nodes(session, Number), Events = ResetParts.Events(session, Number) };
    }
}
