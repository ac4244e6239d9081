using System.Data.Common;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of resets, read.</summary>
internal static class ResetRows
{
    private const int AccountColumn = 20;

    private const string Select =
        $"""
        SELECT r.number, r.id, r.kind, r.state, r.version, r.auth_plugin, r.proof, r.principal_id, r.operation, r.prepared_at, r.ended_at,
               r.settle_by, r.fence, r.attempts, r.cause_error, r.cause_detail, r.roles,
               r.keep_old_for, r.discards_old, r.old_kept_until, {AccountRows.Columns}
        FROM resets r JOIN accounts a ON a.id = r.account_id
        """;

    /// <summary>Parked, and neither replaced nor settled by an adopted or promoted password.</summary>
    public const string IsParked = "state = 'Parked' AND superseded_at IS NULL";

    /// <summary>An instance whose server is away holds up the others for as long as these few take.</summary>
    private const int DuePerInstance = 16;

    private const string UnsettledId =
        $"""
        SELECT id FROM resets WHERE account_id = $account AND state IN ('Prepared', 'Undecided')
        UNION ALL
        SELECT id FROM resets WHERE account_id = $account AND {IsParked}
        """;

    public static async ValueTask<ResetRecord?> FindAsync(StoreSession session, Guid resetId) =>
        await session.FirstAsync($"{Select} WHERE r.id = $id", Read, ("$id", resetId)) is { } row ? await row.WithPartsAsync(session) : null;

    public static async ValueTask<ResetRecord?> FindUnsettledAsync(StoreSession session, Guid accountId) =>
        await FindUnsettledIdAsync(session, accountId) is { } id ? await FindAsync(session, id) : null;

    /// <summary>The account's reset that is open, or parked and not superseded.</summary>
    public static ValueTask<Guid?> FindUnsettledIdAsync(StoreSession session, Guid accountId) => session.FirstIdAsync(UnsettledId, ("$account", accountId));

    /// <summary>The account's open reset.</summary>
    public static ValueTask<Guid?> FindOpenIdAsync(StoreSession session, Guid accountId) => session.FirstIdAsync(
        "SELECT id FROM resets WHERE account_id = $account AND state IN ('Prepared', 'Undecided')",
        ("$account", accountId));

    /// <summary>The reset that has the key, if it was prepared later than a time. Earlier Keyturns stored the key as it came, not its digest.</summary>
    public static ValueTask<KeyedReset?> FindByKeyAsync(
        StoreSession session, Guid principalId, string operation, Guid accountId, string key, string digestOfKey, DateTimeOffset preparedAfter) => session.FirstAsync(
        """
        SELECT id, request_digest FROM resets
        WHERE principal_id = $principal AND operation = $operation AND account_id = $account AND idempotency_key IN ($digest, $key) AND prepared_at > $preparedAfter
        """,
        row => new KeyedReset(row.Id(0), row.Bytes(1)),
        ("$principal", principalId), ("$operation", operation), ("$account", accountId), ("$digest", digestOfKey), ("$key", key), ("$preparedAfter", preparedAfter));

    /// <summary>See <see cref="IResetStore.FindRepeatAsync"/>.</summary>
    public static ValueTask<Guid?> FindRepeatAsync(
        StoreSession session, Guid principalId, string operation, Guid accountId, byte[] digest, DateTimeOffset now) => session.FirstIdAsync(
        """
        SELECT id FROM (
            SELECT * FROM resets WHERE account_id = $account AND state IN ('Prepared', 'Undecided')
            UNION ALL
            SELECT * FROM resets WHERE account_id = $account AND repeat_until >= $now
        ) candidates
        WHERE principal_id = $principal AND operation = $operation AND request_digest = $digest
        ORDER BY number DESC LIMIT 1
        """,
        ("$account", accountId), ("$now", now), ("$principal", principalId), ("$operation", operation), ("$digest", digest));

    public static ValueTask MarkUndeliveredAsync(StoreSession session, Guid resetId, DateTimeOffset repeatUntil) =>
        session.RunAsync("UPDATE resets SET repeat_until = $until WHERE id = $id", ("$id", resetId), ("$until", repeatUntil));

    /// <summary>Whether the reset is parked, and this its last lease.</summary>
    public static ValueTask<bool> IsParkedUnderAsync(StoreSession session, Guid resetId, long fence) => session.AnyAsync(
        $"SELECT 1 FROM resets WHERE id = $id AND fence = $fence AND {IsParked}",
        ("$id", resetId), ("$fence", fence));

    /// <summary>Whether an account of the instance has an open reset.</summary>
    public static ValueTask<bool> AnyOpenAsync(StoreSession session, Guid instanceId) => session.AnyAsync(
        "SELECT 1 FROM resets INDEXED BY resets_open WHERE state IN ('Prepared', 'Undecided') AND instance_id = $instance",
        ("$instance", instanceId));

    public static async ValueTask<List<ResetRecord>> ListAsync(StoreSession session, Guid instanceId, Guid? accountId, int limit)
    {
        var rows = accountId is { } account
            ? await session.QueryAsync(
                $"{Select} WHERE r.account_id = $account AND r.instance_id = $instance ORDER BY r.number DESC LIMIT $limit",
                Read, ("$account", account), ("$instance", instanceId), ("$limit", limit))
            : await session.QueryAsync($"{Select} WHERE r.instance_id = $instance ORDER BY r.number DESC LIMIT $limit", Read, ("$instance", instanceId), ("$limit", limit));
        var found = new List<ResetRecord>(rows.Count);
        foreach (var row in rows)
        {
            found.Add(await row.WithPartsAsync(session));
        }

        return found;
    }

    /// <summary>See <see cref="IResetStore.DueAsync"/>. Looks at the open resets only: there are few.</summary>
    public static ValueTask<List<Guid>> DueAsync(StoreSession session, int limit, DateTimeOffset now) => session.QueryAsync(
        """
        SELECT id FROM (
            SELECT id, number, row_number() OVER (PARTITION BY instance_id ORDER BY number) AS place FROM resets INDEXED BY resets_open
            WHERE state IN ('Prepared', 'Undecided') AND lease_until <= $now AND next_attempt_at <= $now
        ) due
        WHERE place <= $perInstance ORDER BY place, number LIMIT $limit
        """,
        row => row.Id(0),
        ("$now", now), ("$perInstance", DuePerInstance), ("$limit", limit));

    /// <summary>Both partial indexes are small: they hold unsettled resets only.</summary>
    public static async ValueTask<IReadOnlyDictionary<Guid, int>> CountUnsettledAsync(StoreSession session, Guid projectId) => (await session.QueryAsync(
        $"""
        SELECT instances.id, count(*) FROM instances
        JOIN (SELECT instance_id FROM resets INDEXED BY resets_open WHERE state IN ('Prepared', 'Undecided')
              UNION ALL SELECT instance_id FROM resets INDEXED BY resets_parked WHERE {IsParked}) unsettled ON unsettled.instance_id = instances.id
        WHERE project_id = $project GROUP BY instances.id
        """,
        row => (Instance: row.Id(0), Count: row.GetInt32(1)),
        ("$project", projectId))).ToDictionary(line => line.Instance, line => line.Count);

    /// <summary>See <see cref="IResetStore.ListBusyInstancesAsync"/>.</summary>
    public static ValueTask<List<Guid>> BusyInstancesAsync(StoreSession session, Guid projectId) => session.QueryAsync(
        """
        SELECT DISTINCT instances.id FROM resets INDEXED BY resets_open JOIN instances ON instances.id = resets.instance_id
        WHERE state IN ('Prepared', 'Undecided') AND project_id = $project
        """,
        row => row.Id(0),
        ("$project", projectId));

    /// <summary>The account's parked reset, if there is one, no longer waits for anybody.</summary>
    public static async ValueTask SupersedeParkedAsync(StoreSession session, Guid accountId, DateTimeOffset now, string why)
    {
        var number = await session.FirstNumberAsync($"SELECT number FROM resets WHERE account_id = $account AND {IsParked}", ("$account", accountId));
        if (number is { } parked)
        {
            await session.RunAsync("UPDATE resets SET superseded_at = $now WHERE number = $number", ("$now", now), ("$number", parked));
            await ResetParts.AddEventsAsync(session, parked, [new ResetEvent(now, "superseded", Node: null, why)]);
        }
    }

    private static ResetRow Read(DbDataReader row) => new(row.GetInt64(0), new ResetRecord
    {
        Id = row.Id(1),
        Account = AccountRows.Read(row, AccountColumn),
        Kind = row.Flag(18) ? ResetKind.DiscardOld : row.Member<ResetKind>(2),
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
        KeepOldFor = row.OptionalSeconds(17),
        OldKeptUntil = row.OptionalTime(19),
        Nodes = [],
        Events = [],
    });

    internal sealed record KeyedReset(Guid Id, byte[] Digest);

    private sealed record ResetRow(long Number, ResetRecord Record)
    {
        public async ValueTask<ResetRecord> WithPartsAsync(StoreSession session) =>
            Record with { Nodes = await ResetParts.NodesAsync(session, Number), Events = await ResetParts.EventsAsync(session, Number) };
    }
}
