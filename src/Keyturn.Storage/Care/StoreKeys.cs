using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>The keys of an open store: exchanging its master key and its data key while servers use it.</summary>
public sealed class StoreKeys
{
    private readonly IStoreDatabase _database;
    private readonly KeyRing _keys;

    internal StoreKeys(IStoreDatabase database, KeyRing keys) => (_database, _keys) = (database, keys);

    /// <summary>Whether an old master key was given beside the current one.</summary>
    public bool HasOld => _keys.MasterKeys.Old is not null;

    /// <summary>Goes on with other master keys, which open all data keys.</summary>
    /// <exception cref="StoreException">They do not: the present ones stay in use.</exception>
    public async Task UseAsync(MasterKeys masterKeys)
    {
        if (await _database.ReadAsync(session => CountForeignAsync(session, masterKeys), CancellationToken.None) is > 0 and var count)
        {
            throw new StoreException(StoreFault.MasterKey, $"Of the store's data keys {count} are wrapped by a master key that is not among those given.");
        }

        await _keys.UseAsync(masterKeys);
    }

    /// <summary>Reads the data keys anew, of which another node may have made one.</summary>
    public Task RefreshAsync() => _keys.RefreshAsync();

    /// <summary>Wraps all data keys by the current master key, in one transaction; returns how many were wrapped by the old one.</summary>
    /// <exception cref="StoreException">Nothing is changed.</exception>
    public async Task<int> RewrapAsync() => await _database.WriteAsync(Durability.Synced, async session =>
    {
        var masterKeys = _keys.MasterKeys;
        var store = (await KeyRows.FindStoreAsync(session))!;
        var old = (await KeyRows.ListAsync(session)).Where(row => row.MasterKeyId != masterKeys.Current.Id).ToList();
        foreach (var row in old)
        {
            await KeyRows.RewrapAsync(session, row, masterKeys, store.Id);
        }

        if (old.Count > 0)
        {
            await StoreAudit.AppendAsync(session, "store.rewrap", $"The data keys are wrapped by master key {masterKeys.Current.Id}.");
        }

        return old.Count;
    });

    /// <summary>
    /// Makes a data key for what is sealed from now on, and returns its number. What is sealed already stays under its own. Other nodes use it
    /// when they next read their keys.
    /// </summary>
    /// <exception cref="StoreException">Nothing is changed.</exception>
    public async Task<long> AddDataKeyAsync()
    {
        var id = await _database.WriteAsync(Durability.Synced, async session =>
        {
            var store = (await KeyRows.FindStoreAsync(session))!;
            var added = await KeyRows.AddActiveAsync(session, _keys.MasterKeys.Current, store.Id);
            await StoreAudit.AppendAsync(session, "store.rotate-key", $"New secrets are sealed by data key {added}.");
            return added;
        });
        await _keys.RefreshAsync();
        return id;
    }

    /// <summary>How many data keys of a store none of the master keys wraps. Only reads, also beside a server.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static async Task<int> CountForeignAsync(string where, MasterKeys masterKeys, TimeProvider clock, CancellationToken cancel)
    {
        if (!Store.IsPostgreSql(where))
        {
            return await StoreFile.ReadAsync(where, FileMark.Store, clock, session => CountForeignAsync(session, masterKeys));
        }

        await using var database = await PostgreSqlDatabase.OpenToReadAsync(where, clock);
        return await database.ReadAsync(session => CountForeignAsync(session, masterKeys), cancel);
    }

    private static async ValueTask<int> CountForeignAsync(StoreSession session, MasterKeys masterKeys) =>
        (await KeyRows.ListAsync(session)).Count(row => masterKeys.Find(row.MasterKeyId) is null);
}
