using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Keyturn's store in one SQLite file, for one process.</summary>
public sealed class SqliteStore : IAsyncDisposable
{
    private readonly StoreLock _lock;
    private readonly SqliteReaders _readers;

    private SqliteStore(string path, StoreLock storeLock, SqliteSession session, KeyRing keys, TimeProvider clock)
    {
        _lock = storeLock;
        _readers = new SqliteReaders(path);
        Writer = new SqliteWriter(session);
        Resets = new SqliteResetStore(Writer, _readers, keys, clock);
        Secrets = new SqliteSecretStore(Writer, _readers, keys, clock);
        Instances = new SqliteInstanceStore(Writer, _readers, keys, clock);
        Principals = new SqlitePrincipalStore(Writer, _readers, keys, clock);
        Audit = new SqliteAuditLog(Writer, _readers, clock);
        Jobs = new SqliteJobStore(Writer, _readers, clock);
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

    internal SqliteWriter Writer { get; }

    /// <summary>The statements used so far, of which tests look at the plans.</summary>
    internal IEnumerable<string> Statements => Writer.Statements.Concat(_readers.Statements).Distinct();

    /// <summary>Makes a store with its first data key, wrapped by the current master key, and opens it.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="masterKeys">Kept, and backed up, apart from the store.</param>
    /// <param name="clock">The store's clock.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Exists"/> and others.</exception>
    public static Task<SqliteStore> CreateAsync(string path, MasterKeys masterKeys, TimeProvider clock) =>
        Task.Run(() => Open(path, masterKeys, clock, create: true));

    /// <summary>
    /// Opens a store, brings its schema to this program's version, and ends the leases of the process that had it before: that one is
    /// dead, or its lock would still be held.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="masterKeys">One of them opens the store's data keys.</param>
    /// <param name="clock">The store's clock.</param>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.InUse"/>, <see cref="StoreFault.Missing"/>, <see cref="StoreFault.MasterKey"/>, <see cref="StoreFault.SchemaNewer"/> and others.
    /// </exception>
    public static Task<SqliteStore> OpenAsync(string path, MasterKeys masterKeys, TimeProvider clock) =>
        Task.Run(() => Open(path, masterKeys, clock, create: false));

    /// <summary>Finishes what is queued and running, then lets go of the file.</summary>
    public async ValueTask DisposeAsync()
    {
        // The writer goes last: the last connection to close checkpoints the log, and only it may.
        await _readers.DisposeAsync();
        await Writer.DisposeAsync();
        _lock.Dispose();
    }

    private static SqliteStore Open(string path, MasterKeys masterKeys, TimeProvider clock, bool create)
    {
        SqliteLibrary.Use();
        if (!create && !File.Exists(path))
        {
            throw new StoreException(StoreFault.Missing, $"There is no store at {path}: make one with keyturn init.");
        }

        var storeLock = StoreLock.Take(path);
        try
        {
            OwnerOnlyFile.Create(path);
            return Open(path, storeLock, masterKeys, clock, create);
        }
        catch (Exception e)
        {
            storeLock.Dispose();
            if (e is SqliteException error)
            {
                throw error.ToStoreException();
            }

            throw;
        }
    }

    private static SqliteStore Open(string path, StoreLock storeLock, MasterKeys masterKeys, TimeProvider clock, bool create)
    {
        var session = SqliteSession.OpenWriter(path);
        try
        {
            Migrations.RefuseForeign(session, path);
            session.UseWriteAheadLog(path);
            Migrations.Apply(session);
            if (create)
            {
                Initialise(session, path, masterKeys.Current, clock.GetUtcNow());
            }
            else if (!KeyRows.Exist(session))
            {
                throw new StoreException(StoreFault.Missing, $"The store at {path} was not initialised: make one with keyturn init.");
            }

            var keys = KeyRows.Load(session, masterKeys);
            ResetLeases.ExpireAll(session, clock.GetUtcNow());
            return new SqliteStore(path, storeLock, session, keys, clock);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Initialise(SqliteSession session, string path, MasterKey masterKey, DateTimeOffset now)
    {
        if (KeyRows.Exist(session))
        {
            throw new StoreException(StoreFault.Exists, $"There is a store at {path} already.");
        }

        session.Execute("BEGIN IMMEDIATE");
        KeyRows.Create(session, masterKey, now);
        session.Execute("COMMIT");
    }
}
