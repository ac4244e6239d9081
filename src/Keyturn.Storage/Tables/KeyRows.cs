using System.Collections.Frozen;
using System.Data.Common;
using System.Security.Cryptography;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

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
        await session.RunAsync(
            "INSERT INTO data_keys (id, master_key_id, wrapped, created_at) VALUES ($id, $masterKey, $wrapped, $now)",
            ("$id", row.Id), ("$masterKey", row.MasterKeyId), ("$wrapped", row.Wrapped), ("$now", now));
        await session.RunAsync(
            """
            INSERT INTO store (single, id, created_at, active_key_id, digest_data_key_id, digest_key)
            VALUES (1, $id, $now, $key, $key, $digestKey)
            """,
            ("$id", storeId), ("$now", now), ("$key", row.Id), ("$digestKey", digestKey));
    }

    /// <summary>Opens the data keys.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: the master key is not the store's.</exception>
    public static async ValueTask<KeyRing> LoadAsync(StoreSession session, MasterKeys masterKeys)
    {
        var store = (await session.FirstAsync("SELECT id, active_key_id, digest_data_key_id, digest_key FROM store", ReadStore))!;
        var rows = await session.QueryAsync("SELECT id, master_key_id, wrapped FROM data_keys", row => new WrappedDataKey(row.GetInt64(0), row.GetString(1), row.Bytes(2)));
        var keys = Unwrap(rows, masterKeys, store.Id);
        if (!keys.ContainsKey(store.ActiveKeyId) || !keys.TryGetValue(store.DigestDataKeyId, out var digestDataKey))
        {
            throw new StoreException(
                StoreFault.MasterKey,
                $"The master key {masterKeys.Current} is not this store's: its data keys are wrapped by {string.Join(", ", rows.Select(row => row.MasterKeyId).Distinct())}.");
        }

        var digestKey = Seal.TryOpen(digestDataKey, store.DigestKey, SealContext.DigestKey.AssociatedData(store.Id, store.DigestDataKeyId))
            ?? throw new StoreException(StoreFault.Seal, "The store's digest key does not open: the store was altered.");
        return new KeyRing(store.Id, store.ActiveKeyId, keys, digestKey);
    }

    private static FrozenDictionary<long, byte[]> Unwrap(IEnumerable<WrappedDataKey> rows, MasterKeys masterKeys, Guid storeId) =>
        rows.Select(row => (row.Id, Key: row.Unwrap(masterKeys, storeId)))
            .Where(opened => opened.Key is not null)
            .ToFrozenDictionary(opened => opened.Id, opened => opened.Key!);

    private static StoreRow ReadStore(DbDataReader row) => new(row.Id(0), row.GetInt64(1), row.GetInt64(2), row.Bytes(3));

    private sealed record StoreRow(Guid Id, long ActiveKeyId, long DigestDataKeyId, byte[] DigestKey);
}
