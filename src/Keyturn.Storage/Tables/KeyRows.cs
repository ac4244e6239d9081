using System.Collections.Frozen;
using System.Data.Common;
using System.Security.Cryptography;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>The store's own row.</summary>
internal sealed record StoreRow(Guid Id, long ActiveKeyId, long DigestDataKeyId, byte[] DigestKey);

/// <summary>The store's own row and its data keys.</summary>
internal static class KeyRows
{
    private const long FirstKeyId = 1;

    /// <summary>Whether the store was initialised; a store that was not has a schema and nothing else.</summary>
    public static ValueTask<bool> ExistAsync(StoreSession session) => session.AnyAsync("SELECT 1 FROM store");

    /// <summary>The store's id, its first data key and its digest key.</summary>
    public static async ValueTask CreateAsync(StoreSession session, MasterKey masterKey)
    {
        var now = await session.NowAsync();
        var storeId = Guid.CreateVersion7(now);
        var (row, key) = WrappedDataKey.Generate(masterKey, storeId, FirstKeyId);
        var digestKey = Seal.Close(key, RandomNumberGenerator.GetBytes(32), SealContext.DigestKey.AssociatedData(storeId, row.Id));
        await InsertAsync(session, row, now);
        await session.RunAsync(
            """
            INSERT INTO store (single, id, created_at, active_key_id, digest_data_key_id, digest_key)
            VALUES (1, $id, $now, $key, $key, $digestKey)
            """,
            ("$id", storeId), ("$now", now), ("$key", row.Id), ("$digestKey", digestKey));
    }

    /// <summary>Opens the data keys.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: the master key is not the store's.</exception>
    public static async ValueTask<KeyRing> LoadAsync(StoreSession session, MasterKeys masterKeys) => new(await OpenAsync(session, masterKeys), masterKeys);

    /// <summary>The store's own row; null in a store that was not initialised.</summary>
    public static ValueTask<StoreRow?> FindStoreAsync(StoreSession session) =>
        session.FirstAsync("SELECT id, active_key_id, digest_data_key_id, digest_key FROM store", ReadStore);

    /// <summary>All data keys, wrapped.</summary>
    public static ValueTask<List<WrappedDataKey>> ListAsync(StoreSession session) => session.QueryAsync(
        "SELECT id, master_key_id, wrapped FROM data_keys ORDER BY id", row => new WrappedDataKey(row.GetInt64(0), row.GetString(1), row.Bytes(2)));

    /// <summary>Opens the data keys.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: the master key is not the store's.</exception>
    public static async ValueTask<OpenedKeys> OpenAsync(StoreSession session, MasterKeys masterKeys)
    {
        var store = (await FindStoreAsync(session))!;
        var rows = await ListAsync(session);
        var keys = Unwrap(rows, masterKeys, store.Id);
        if (!keys.ContainsKey(store.ActiveKeyId) || !keys.TryGetValue(store.DigestDataKeyId, out var digestDataKey))
        {
            throw new StoreException(
                StoreFault.MasterKey,
                $"The master key {masterKeys.Current} is not this store's: its data keys are wrapped by {string.Join(", ", rows.Select(row => row.MasterKeyId).Distinct())}.");
        }

        var digestKey = Seal.TryOpen(digestDataKey, store.DigestKey, SealContext.DigestKey.AssociatedData(store.Id, store.DigestDataKeyId))
            ?? throw new StoreException(StoreFault.Seal, "The store's digest key does not open: the store was altered.");
        return new OpenedKeys(store.Id, store.ActiveKeyId, keys, digestKey);
    }

    /// <summary>Makes the next data key, which seals from now on.</summary>
    public static async ValueTask<long> AddActiveAsync(StoreSession session, MasterKey masterKey, Guid storeId)
    {
        var id = (await session.FirstNumberAsync("SELECT max(id) FROM data_keys") ?? 0) + 1;
        var (row, _) = WrappedDataKey.Generate(masterKey, storeId, id);
        await InsertAsync(session, row, await session.NowAsync());
        await session.RunAsync("UPDATE store SET active_key_id = $key", ("$key", id));
        return id;
    }

    /// <summary>Wraps the same data key by the current master key.</summary>
    /// <exception cref="StoreException">It is wrapped by neither of the master keys, or was rewrapped meanwhile.</exception>
    public static async ValueTask RewrapAsync(StoreSession session, WrappedDataKey row, MasterKeys masterKeys, Guid storeId)
    {
        var rewrapped = row.Rewrap(masterKeys, storeId);
        var changed = await session.ExecuteAsync(
            "UPDATE data_keys SET master_key_id = $masterKey, wrapped = $wrapped WHERE id = $id AND master_key_id = $before",
            ("$id", row.Id), ("$masterKey", rewrapped.MasterKeyId), ("$wrapped", rewrapped.Wrapped), ("$before", row.MasterKeyId));
        if (changed == 0)
        {
            throw new StoreException(StoreFault.Conflict, $"Data key {row.Id} was changed meanwhile.");
        }
    }

    private static ValueTask InsertAsync(StoreSession session, WrappedDataKey row, DateTimeOffset now) => session.RunAsync(
        "INSERT INTO data_keys (id, master_key_id, wrapped, created_at) VALUES ($id, $masterKey, $wrapped, $now)",
        ("$id", row.Id), ("$masterKey", row.MasterKeyId), ("$wrapped", row.Wrapped), ("$now", now));

    private static FrozenDictionary<long, byte[]> Unwrap(IEnumerable<WrappedDataKey> rows, MasterKeys masterKeys, Guid storeId) =>
        rows.Select(row => (row.Id, Key: row.Unwrap(masterKeys, storeId)))
            .Where(opened => opened.Key is not null)
            .ToFrozenDictionary(opened => opened.Id, opened => opened.Key!);

    private static StoreRow ReadStore(DbDataReader row) => new(row.Id(0), row.GetInt64(1), row.GetInt64(2), row.Bytes(3));

}
