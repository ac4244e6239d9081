using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Stores;

namespace Keyturn.Storage;

/// <summary>Keyturn's store.</summary>
public sealed class Store : IAsyncDisposable
{
    private Store(IStoreDatabase database, KeyRing keys)
    {
        Database = database;
        Resets = new ResetStore(database, keys);
        Secrets = new SecretStore(database, keys);
        Instances = new InstanceStore(database, keys);
        Principals = new PrincipalStore(database, keys);
        Audit = new AuditLog(database);
        Jobs = new JobStore(database);
    }

    /// <summary>Resets.</summary>
    public IResetStore Resets { get; }

    /// <summary>Sealed secrets.</summary>
    public ISecretStore Secrets { get; }

    /// <summary>Instances and accounts.</summary>
    public IInstanceStore Instances { get; }

    /// <summary>Projects, principals and their credentials.</summary>
    public IPrincipalStore Principals { get; }

    /// <summary>The audit log.</summary>
    public IAuditLog Audit { get; }

    /// <summary>Jobs.</summary>
    public IJobStore Jobs { get; }

    internal IStoreDatabase Database { get; }

    /// <summary>Makes a store with its first data key, wrapped by the current master key, and opens it.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="masterKeys">Kept, and backed up, apart from the store.</param>
    /// <param name="clock">The store's clock.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Exists"/> and others.</exception>
    public static async Task<Store> CreateAsync(string path, MasterKeys masterKeys, TimeProvider clock)
    {
        var (database, keys) = await SqliteDatabase.CreateAsync(path, masterKeys, clock);
        return new Store(database, keys);
    }

    /// <summary>Opens a store, and brings its schema to this program's version.</summary>
    /// <param name="path">The file.</param>
    /// <param name="masterKeys">One of them opens the store's data keys.</param>
    /// <param name="clock">The store's clock.</param>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.InUse"/>, <see cref="StoreFault.Missing"/>, <see cref="StoreFault.MasterKey"/>, <see cref="StoreFault.SchemaNewer"/> and others.
    /// </exception>
    public static async Task<Store> OpenAsync(string path, MasterKeys masterKeys, TimeProvider clock)
    {
        var (database, keys) = await SqliteDatabase.OpenAsync(path, masterKeys, clock);
        return new Store(database, keys);
    }

    /// <summary>Finishes what is queued and running, then lets go of the database.</summary>
    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
