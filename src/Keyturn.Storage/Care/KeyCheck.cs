using System.Collections.Frozen;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>Whether the store's keys open. What does not open is told here once, and not again for each text that it sealed.</summary>
internal static class KeyCheck
{
    /// <summary>The keys that open; null when there is no master key to try, or no row to try it on.</summary>
    public static async ValueTask<KeyRing?> RunAsync(StoreSession session, MasterKeys? masterKeys, List<StoreFinding> findings)
    {
        if (await KeyRows.FindStoreAsync(session) is not { } store)
        {
            findings.Add(new StoreFinding("store", "It has no row of its own: it was not initialised, or lost it."));
            return null;
        }

        var rows = await KeyRows.ListAsync(session);
        if (rows.All(row => row.Id != store.ActiveKeyId))
        {
            findings.Add(new StoreFinding($"data key {store.ActiveKeyId}", "It is gone, and was to seal new secrets."));
        }

        return masterKeys is null ? null : Open(store, rows, masterKeys, findings);
    }

    private static KeyRing Open(StoreRow store, List<WrappedDataKey> rows, MasterKeys masterKeys, List<StoreFinding> findings)
    {
        var opened = new Dictionary<long, byte[]>();
        foreach (var row in rows)
        {
            if (Unwrap(row, masterKeys, store.Id, findings) is { } key)
            {
                opened.Add(row.Id, key);
            }
        }

        var digestKey = opened.TryGetValue(store.DigestDataKeyId, out var digestDataKey)
            ? Seal.TryOpen(digestDataKey, store.DigestKey, SealContext.DigestKey.AssociatedData(store.Id, store.DigestDataKeyId))
            : [];
        if (digestKey is null)
        {
            findings.Add(new StoreFinding("digest key", "It does not open: it was altered."));
        }

        return new KeyRing(new OpenedKeys(store.Id, store.ActiveKeyId, opened.ToFrozenDictionary(), digestKey ?? []), masterKeys);
    }

    private static byte[]? Unwrap(WrappedDataKey row, MasterKeys masterKeys, Guid storeId, List<StoreFinding> findings)
    {
        try
        {
            var key = row.Unwrap(masterKeys, storeId);
            if (key is null)
            {
                findings.Add(new StoreFinding($"data key {row.Id}", $"It is wrapped by master key {row.MasterKeyId}, which was not given."));
            }

            return key;
        }
        catch (StoreException e)
        {
            findings.Add(new StoreFinding($"data key {row.Id}", e.Message));
            return null;
        }
    }
}
