using System.Data.Common;
using Keyturn.Instances;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of accounts.</summary>
internal static class AccountRows
{
    /// <summary>What <see cref="Read"/> reads, of a table or alias <c>a</c>.</summary>
    public const string Columns = """a.id, a.instance_id, a."user", a.host, a.auth_database, a.proof, a.created_at, a.drifted_at, a.unverified_since, a.old_version, a.old_until""";

    private const int ColumnCount = 11;

    public static Account Read(DbDataReader row, int first = 0) => new(
        row.Id(first),
        row.Id(first + 1),
        new AccountName(row.GetString(first + 2), row.OptionalText(first + 3), row.OptionalText(first + 4)),
        row.Member<ProofMode>(first + 5),
        row.Time(first + 6),
        row.OptionalTime(first + 7),
        row.OptionalTime(first + 8))
    {
        Old = row.OptionalTime(first + 10) is { } until ? new OldPassword(row.GetInt32(first + 9), until) : null,
    };

    public static ValueTask<Account?> FindAsync(StoreSession session, Guid accountId) => session.FirstAsync(
        $"SELECT {Columns} FROM accounts a WHERE a.id = $id",
        row => Read(row),
        ("$id", accountId));

    /// <summary>Hosts are no matter of case on the servers: two accounts of one row would be two leases on it.</summary>
    public static ValueTask<Account?> FindAsync(StoreSession session, Guid instanceId, AccountName name) => session.FirstAsync(
        $"""
        SELECT {Columns} FROM accounts a
        WHERE a.instance_id = $instance AND a."user" = $user AND lower(a.host) IS NOT DISTINCT FROM lower($host) AND a.auth_database IS NOT DISTINCT FROM $database
        """,
        row => Read(row),
        ("$instance", instanceId), ("$user", name.User), ("$host", name.Host), ("$database", name.AuthDatabase));

    /// <summary>See <see cref="IInstanceStore.FindOverlapAsync"/>.</summary>
    public static ValueTask<Account?> FindOverlapAsync(StoreSession session, Guid instanceId, AccountName name) => session.FirstAsync(
        $"""
        SELECT {Columns} FROM accounts a
        WHERE a.instance_id = $instance AND a."user" = $user AND a.auth_database IS NOT DISTINCT FROM $database AND (a.host IS NULL) = $isRow
        """,
        row => Read(row),
        ("$instance", instanceId), ("$user", name.User), ("$database", name.AuthDatabase), ("$isRow", name.Host is not null));

    public static ValueTask<List<Account>> ListAsync(StoreSession session, Guid instanceId) => session.QueryAsync(
        $"""SELECT {Columns} FROM accounts a WHERE a.instance_id = $instance ORDER BY a."user", a.host NULLS FIRST, a.auth_database NULLS FIRST""",
        row => Read(row),
        ("$instance", instanceId));

    public static ValueTask<List<Account>> ListAsync(StoreSession session, Guid instanceId, string user) => session.QueryAsync(
        $"""SELECT {Columns} FROM accounts a WHERE a.instance_id = $instance AND a."user" = $user ORDER BY a.host NULLS FIRST, a.auth_database NULLS FIRST""",
        row => Read(row),
        ("$instance", instanceId), ("$user", user));

    private const string Held = $"SELECT {Columns}, EXISTS (SELECT 1 FROM secrets s WHERE s.account_id = a.id AND s.state = 'Current') FROM accounts a";

    /// <summary>See <see cref="IInstanceStore.ListHeldAsync"/>. Goes along the ids, so that a page costs what it holds.</summary>
    public static ValueTask<List<(Account Account, bool HasPassword)>> ListHeldAsync(StoreSession session, Guid projectId, Guid after, int limit) => session.QueryAsync(
        $"{Held} WHERE a.id > $after AND EXISTS (SELECT 1 FROM instances i WHERE i.id = a.instance_id AND i.project_id = $project) ORDER BY a.id LIMIT $limit",
        row => (Read(row), row.Flag(ColumnCount)),
        ("$after", after), ("$project", projectId), ("$limit", limit));

    /// <summary>The same of one instance, and at the cost of that one.</summary>
    public static ValueTask<List<(Account Account, bool HasPassword)>> ListHeldAsync(StoreSession session, Guid projectId, Guid instanceId, Guid after, int limit) => session.QueryAsync(
        $"""
        {Held} WHERE a.instance_id = $instance AND a.id > $after
          AND EXISTS (SELECT 1 FROM instances i WHERE i.id = a.instance_id AND i.project_id = $project)
        ORDER BY a.id LIMIT $limit
        """,
        row => (Read(row), row.Flag(ColumnCount)),
        ("$instance", instanceId), ("$after", after), ("$project", projectId), ("$limit", limit));

    public static ValueTask InsertAsync(StoreSession session, Account account) => session.RunAsync(
        """
        INSERT INTO accounts (id, instance_id, "user", host, auth_database, proof, created_at, drifted_at)
        VALUES ($id, $instance, $user, $host, $database, $proof, $createdAt, $driftedAt)
        """,
        ("$id", account.Id),
        ("$instance", account.InstanceId),
        ("$user", account.Name.User),
        ("$host", account.Name.Host),
        ("$database", account.Name.AuthDatabase),
        ("$proof", account.Proof),
        ("$createdAt", account.CreatedAt),
        ("$driftedAt", account.DriftedAt));

    public static ValueTask SetProofAsync(StoreSession session, Guid accountId, ProofMode proof) => session.RunAsync(
        "UPDATE accounts SET proof = $proof WHERE id = $id AND proof <> $proof",
        ("$id", accountId), ("$proof", proof));

    public static ValueTask SetDriftAsync(StoreSession session, Guid accountId, DateTimeOffset? driftedAt) => session.RunAsync(
        "UPDATE accounts SET drifted_at = $driftedAt WHERE id = $id AND drifted_at IS DISTINCT FROM $driftedAt",
        ("$id", accountId), ("$driftedAt", driftedAt));

    /// <summary>The current password is shown to be in force.</summary>
    public static ValueTask SetVerifiedAsync(StoreSession session, Guid accountId) => session.RunAsync(
        """
        UPDATE accounts SET drifted_at = NULL, unverified_since = NULL, probe_after = NULL
        WHERE id = $id AND (drifted_at IS NOT NULL OR unverified_since IS NOT NULL)
        """,
        ("$id", accountId));

    /// <summary>A reset has made the current password and proved it; beside it the server lets this old one in, or none.</summary>
    public static ValueTask SetProvedAsync(StoreSession session, Guid accountId, OldPassword? old) => session.RunAsync(
        """
        UPDATE accounts
        SET drifted_at = NULL, unverified_since = NULL, probe_after = NULL, old_version = $oldVersion, old_until = $oldUntil, discard_after = $oldUntil
        WHERE id = $id AND (drifted_at IS NOT NULL OR unverified_since IS NOT NULL OR old_until IS DISTINCT FROM $oldUntil)
        """,
        ("$id", accountId), ("$oldVersion", old?.Version), ("$oldUntil", old?.Until));

    /// <summary>All of them come from a backup.</summary>
    public static ValueTask SetUnverifiedAsync(StoreSession session, DateTimeOffset now) =>
        session.RunAsync("UPDATE accounts SET unverified_since = $now, probe_after = $now", ("$now", now));

    public static async ValueTask<IReadOnlyDictionary<Guid, int>> CountUnverifiedAsync(StoreSession session, Guid projectId) => (await session.QueryAsync(
        "SELECT i.id, count(*) FROM instances i JOIN accounts a ON a.instance_id = i.id WHERE i.project_id = $project AND a.unverified_since IS NOT NULL GROUP BY i.id",
        row => (Instance: row.Id(0), Count: row.GetInt32(1)),
        ("$project", projectId))).ToDictionary(line => line.Instance, line => line.Count);

    /// <summary>See <see cref="IInstanceStore.ListToProbeAsync"/>.</summary>
    public static ValueTask<List<Account>> ListToProbeAsync(StoreSession session, int limit, DateTimeOffset now) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM accounts a
        WHERE a.probe_after <= $now AND NOT EXISTS (SELECT 1 FROM resets r WHERE r.account_id = a.id AND r.state IN ('Prepared', 'Undecided'))
        ORDER BY a.probe_after LIMIT $limit
        """,
        row => Read(row),
        ("$now", now), ("$limit", limit));

    public static async ValueTask<bool> TryBeginProbeAsync(StoreSession session, Guid accountId, DateTimeOffset now) =>
        await session.ExecuteAsync("UPDATE accounts SET probe_after = NULL WHERE id = $id AND probe_after <= $now", ("$id", accountId), ("$now", now)) == 1;

    public static ValueTask ProbeAfterAsync(StoreSession session, Guid accountId, DateTimeOffset time) => session.RunAsync(
        "UPDATE accounts SET probe_after = $time WHERE id = $id AND unverified_since IS NOT NULL", ("$id", accountId), ("$time", time));

    /// <summary>See <see cref="IInstanceStore.ListToDiscardAsync"/>.</summary>
    public static ValueTask<List<Account>> ListToDiscardAsync(StoreSession session, int limit, DateTimeOffset now) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM accounts a
        WHERE a.discard_after <= $now AND a.unverified_since IS NULL AND NOT EXISTS (
            SELECT 1 FROM resets r
            WHERE r.account_id = a.id AND (r.state IN ('Prepared', 'Undecided') OR (r.state = 'Parked' AND r.superseded_at IS NULL AND NOT r.discards_old)))
        ORDER BY a.discard_after LIMIT $limit
        """,
        row => Read(row),
        ("$now", now), ("$limit", limit));

    public static async ValueTask<bool> TryBeginDiscardAsync(StoreSession session, Guid accountId, DateTimeOffset now, DateTimeOffset next) => await session.ExecuteAsync(
        "UPDATE accounts SET discard_after = $next WHERE id = $id AND discard_after <= $now", ("$id", accountId), ("$now", now), ("$next", next)) == 1;

    /// <summary>Its secrets and resets go with it.</summary>
    public static ValueTask DeleteAsync(StoreSession session, Guid accountId) => session.RunAsync("DELETE FROM accounts WHERE id = $id", ("$id", accountId));
}
