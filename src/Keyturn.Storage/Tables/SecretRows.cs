using System.Data.Common;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>A version of a secret, sealed.</summary>
internal sealed record SealedSecret(int Version, SecretState State, SealedText Text, DateTimeOffset CreatedAt, Guid? ResetId)
{
    public async ValueTask<StoredSecret> OpenAsync(KeyRing keys, Guid accountId) =>
        new(Version, State, await keys.OpenAsync(Text, SealContext.Password(accountId, Version)), CreatedAt, ResetId);
}

/// <summary>Rows of secrets. A version's state changes; its sealed text never does.</summary>
internal static class SecretRows
{
    public const string Columns = "version, state, data_key_id, box, created_at, reset_id";

    /// <summary>The newest versions, with the pending and the current one however old they are.</summary>
    public static ValueTask<List<SealedSecret>> NewestAsync(StoreSession session, Guid accountId, int limit) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM secrets WHERE account_id = $account AND state IN ('Pending', 'Current')
        UNION
        SELECT * FROM (SELECT {Columns} FROM secrets WHERE account_id = $account ORDER BY version DESC LIMIT $limit) newest
        ORDER BY version DESC
        """,
        Read,
        ("$account", accountId), ("$limit", limit));

    /// <summary>One version, if it is still kept.</summary>
    public static ValueTask<SealedSecret?> FindAsync(StoreSession session, Guid accountId, int version) => session.FirstAsync(
        $"SELECT {Columns} FROM secrets WHERE account_id = $account AND version = $version",
        Read,
        ("$account", accountId), ("$version", version));

    /// <summary>See <see cref="VersionsSeen"/>.</summary>
    public static async ValueTask<VersionsSeen> SeenAsync(StoreSession session, Guid accountId)
    {
        var newest = await session.FirstNumberAsync("SELECT max(version) FROM secrets WHERE account_id = $account", ("$account", accountId));
        var current = await session.FirstNumberAsync("SELECT version FROM secrets WHERE account_id = $account AND state = 'Current'", ("$account", accountId));
        return new VersionsSeen((int)(newest ?? 0), (int?)current);
    }

    /// <summary>Adds the next version; returns its number.</summary>
    public static async ValueTask<int> AddAsync(StoreSession session, KeyRing keys, Guid accountId, Secret password, SecretState state, Guid? resetId, DateTimeOffset now)
    {
        var version = (int)(await session.FirstNumberAsync("SELECT max(version) FROM secrets WHERE account_id = $account", ("$account", accountId)) ?? 0) + 1;
        var text = keys.Close(password, SealContext.Password(accountId, version));
        await session.RunAsync(
            """
            INSERT INTO secrets (account_id, version, state, data_key_id, box, created_at, reset_id)
            VALUES ($account, $version, $state, $key, $box, $now, $reset)
            """,
            ("$account", accountId), ("$version", version), ("$state", state), ("$key", text.DataKeyId), ("$box", text.Box), ("$now", now), ("$reset", resetId));
        return version;
    }

    /// <summary>Current becomes previous. Goes before anything else becomes current: there is at most one.</summary>
    public static ValueTask RetireCurrentAsync(StoreSession session, Guid accountId) => session.RunAsync(
        "UPDATE secrets SET state = 'Previous' WHERE account_id = $account AND state = 'Current'",
        ("$account", accountId));

    /// <summary>Pending, if there is one, becomes failed: kept like old versions.</summary>
    public static ValueTask FailPendingAsync(StoreSession session, Guid accountId) => session.RunAsync(
        "UPDATE secrets SET state = 'Failed' WHERE account_id = $account AND state = 'Pending'",
        ("$account", accountId));

    /// <summary>The version becomes current. False if the account has no such version.</summary>
    public static async ValueTask<bool> MakeCurrentAsync(StoreSession session, Guid accountId, int version) => await session.ExecuteAsync(
        "UPDATE secrets SET state = 'Current' WHERE account_id = $account AND version = $version",
        ("$account", accountId), ("$version", version)) == 1;

    public static SealedSecret Read(DbDataReader row) => new(
        row.GetInt32(0), row.Member<SecretState>(1), new SealedText(row.GetInt64(2), row.Bytes(3)), row.Time(4), row.OptionalId(5));
}
