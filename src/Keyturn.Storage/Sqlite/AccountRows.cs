using Keyturn.Instances;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Rows of accounts.</summary>
internal static class AccountRows
{
    /// <summary>What <see cref="Read"/> reads, of a table or alias <c>a</c>.</summary>
    public const string Columns = "a.id, a.instance_id, a.user, a.host, a.auth_database, a.proof, a.created_at, a.drifted_at";

    public static Account Read(SqliteDataReader row, int first = 0) => new(
        row.Id(first),
        row.Id(first + 1),
        new AccountName(row.GetString(first + 2), row.OptionalText(first + 3), row.OptionalText(first + 4)),
        row.Member<ProofMode>(first + 5),
        row.Time(first + 6),
        row.OptionalTime(first + 7));

    public static Account? Find(SqliteSession session, Guid accountId) => session.First(
        $"SELECT {Columns} FROM accounts a WHERE a.id = $id",
        row => Read(row),
        ("$id", accountId));

    /// <summary>Hosts are no matter of case on the servers: two accounts of one row would be two leases on it.</summary>
    public static Account? Find(SqliteSession session, Guid instanceId, AccountName name) => session.First(
        $"SELECT {Columns} FROM accounts a WHERE a.instance_id = $instance AND a.user = $user AND a.host IS $host COLLATE NOCASE AND a.auth_database IS $database",
        row => Read(row),
        ("$instance", instanceId), ("$user", name.User), ("$host", name.Host), ("$database", name.AuthDatabase));

    /// <summary>See <see cref="IInstanceStore.FindOverlapAsync"/>.</summary>
    public static Account? FindOverlap(SqliteSession session, Guid instanceId, AccountName name) => session.First(
        $"""
        SELECT {Columns} FROM accounts a
        WHERE a.instance_id = $instance AND a.user = $user AND a.auth_database IS $database AND (a.host IS NULL) <> ($host IS NULL)
        """,
        row => Read(row),
        ("$instance", instanceId), ("$user", name.User), ("$database", name.AuthDatabase), ("$host", name.Host));

    public static List<Account> List(SqliteSession session, Guid instanceId) => session.Query(
        $"SELECT {Columns} FROM accounts a WHERE a.instance_id = $instance ORDER BY a.user, a.host, a.auth_database",
        row => Read(row),
        ("$instance", instanceId));

    public static void Insert(SqliteSession session, Account account) => session.Execute(
        """
        INSERT INTO accounts (id, instance_id, user, host, auth_database, proof, created_at, drifted_at)
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

    public static void SetProof(SqliteSession session, Guid accountId, ProofMode proof) => session.Execute(
        "UPDATE accounts SET proof = $proof WHERE id = $id AND proof <> $proof",
        ("$id", accountId), ("$proof", proof));

    public static void SetDrift(SqliteSession session, Guid accountId, DateTimeOffset? driftedAt) => session.Execute(
        "UPDATE accounts SET drifted_at = $driftedAt WHERE id = $id AND drifted_at IS NOT $driftedAt",
        ("$id", accountId), ("$driftedAt", driftedAt));

    /// <summary>Its secrets and resets go with it.</summary>
    public static void Delete(SqliteSession session, Guid accountId) => session.Execute("DELETE FROM accounts WHERE id = $id", ("$id", accountId));
}
