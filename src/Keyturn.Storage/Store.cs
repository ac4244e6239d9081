using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Audit;
using Keyturn.Checks;
using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Rotations;
using Keyturn.Storage.Care;
using Keyturn.Storage.Chain;
using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Stores;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage;

/// <summary>Keyturn's store: a SQLite file of one process, or a PostgreSQL database that several nodes share.</summary>
public sealed class Store : IAsyncDisposable
{
    private readonly ChainKey _chainKey;

    private Store(IStoreDatabase database, KeyRing keys)
    {
        Database = database;
        _chainKey = keys.ChainKey;
        var chains = new ChainPool(_chainKey);
        database.AuditTo(chains);
        AuditChains = new ChainUpkeep(database, chains);
        keys.ReadFrom(masterKeys => database.ReadAsync(session => KeyRows.OpenAsync(session, masterKeys), CancellationToken.None));
        Resets = new ResetStore(database, keys);
        Secrets = new SecretStore(database, keys);
        Instances = new InstanceStore(database, keys);
        Principals = new PrincipalStore(database, keys);
        Policies = new PolicyStore(database);
        Guesses = new GuessStore(database);
        Audit = new AuditLog(database);
        Jobs = new JobStore(database);
        Schedules = new ScheduleStore(database);
        Keys = new StoreKeys(database, keys);
        Retention = new Retention(database);
    }

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public string Kind => Database.Kind;

    /// <summary>The file, or the database without its login.</summary>
    public string Place => Database.Place;

    /// <summary>Which accident a password outlives, in a word: <c>one server</c>, <c>synchronous</c>, <c>asynchronous</c>, …</summary>
    public string Durability => Database.Durability;

    /// <summary>Resets.</summary>
    public IResetStore Resets { get; }

    /// <summary>Sealed secrets.</summary>
    public ISecretStore Secrets { get; }

    /// <summary>Instances and accounts.</summary>
    public IInstanceStore Instances { get; }

    /// <summary>Projects, principals and their credentials.</summary>
    public IPrincipalStore Principals { get; }

    /// <summary>Access policies and groups.</summary>
    public IPolicyStore Policies { get; }

    /// <summary>Counters of wrong passwords.</summary>
    public IGuessStore Guesses { get; }

    /// <summary>The audit log.</summary>
    public IAuditLog Audit { get; }

    /// <summary>What its chains need from time to time.</summary>
    public ChainUpkeep AuditChains { get; }

    /// <summary>Jobs.</summary>
    public IJobStore Jobs { get; }

    /// <summary>Schedules of accounts.</summary>
    public IScheduleStore Schedules { get; }

    /// <summary>Its keys.</summary>
    public StoreKeys Keys { get; }

    /// <summary>What takes old versions and resets away.</summary>
    public Retention Retention { get; }

    internal IStoreDatabase Database { get; }

    /// <summary>Whether the text says where a store on PostgreSQL is; else it is a file's path.</summary>
    public static bool IsPostgreSql(string where) => PostgreSqlAddress.Is(where);

    /// <summary>Makes a store with its first data key, wrapped by the current master key, and opens it.</summary>
    /// <param name="where">A file, whose folder exists; or a connection string of Npgsql, <c>Host=…</c>.</param>
    /// <param name="masterKeys">Kept, and backed up, apart from the store.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <param name="allowAsynchronous">Also in a database whose commits wait for none of its replicas.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Exists"/> and others.</exception>
    public static async Task<Store> CreateAsync(string where, MasterKeys masterKeys, TimeProvider clock, bool allowAsynchronous = false) => IsPostgreSql(where)
        ? Over(await PostgreSqlDatabase.CreateAsync(where, masterKeys, allowAsynchronous, clock))
        : Over(await SqliteDatabase.CreateAsync(where, masterKeys, clock));

    /// <summary>Opens a store, and brings its schema to this program's version.</summary>
    /// <param name="where">A file, for this process alone; or a connection string of Npgsql, which other nodes may use too.</param>
    /// <param name="masterKeys">One of them opens the store's data keys.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <param name="allowAsynchronous">Store also what a fail-over of the database may lose.</param>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.InUse"/>, <see cref="StoreFault.Missing"/>, <see cref="StoreFault.MasterKey"/>, <see cref="StoreFault.SchemaNewer"/> and others.
    /// </exception>
    public static async Task<Store> OpenAsync(string where, MasterKeys masterKeys, TimeProvider clock, bool allowAsynchronous = false) => IsPostgreSql(where)
        ? await AnchorAsync(Over(await PostgreSqlDatabase.OpenAsync(where, masterKeys, allowAsynchronous, clock)))
        : await AnchorAsync(Over(await SqliteDatabase.OpenAsync(where, masterKeys, clock)));

    /// <summary>Whether the store answers now.</summary>
    public async ValueTask<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            return await Database.ReadAsync(KeyRows.ExistAsync, cancel);
        }
        catch (StoreException)
        {
            return false;
        }
    }

    /// <summary>Finishes what is queued and running, then lets go of the database.</summary>
    public ValueTask DisposeAsync() => Database.DisposeAsync();

    private static Store Over<T>((T Database, KeyRing Keys) open)
        where T : IStoreDatabase => new(open.Database, open.Keys);

    /// <summary>Audit rows of a Keyturn that had no chains are hashed once, when the first one that has comes.</summary>
    private static async Task<Store> AnchorAsync(Store store)
    {
        try
        {
            if (await store.Database.ReadAsync(EarlierRows.AreLooseAsync, CancellationToken.None))
            {
                await store.Database.WriteAsync(Storage.Durability.Synced, session => EarlierRows.AnchorAsync(session, store._chainKey));
            }

            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }
}
