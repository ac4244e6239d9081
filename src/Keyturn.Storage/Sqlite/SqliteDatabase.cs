using Keyturn.Storage.Chain;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>A store in one SQLite file, for one process.</summary>
internal sealed class SqliteDatabase : IStoreDatabase
{
    private readonly StoreLock _lock;
    private readonly SqliteReaders _readers;

    private SqliteDatabase(string path, StoreLock storeLock, SqliteSession session, TimeProvider clock)
    {
        _lock = storeLock;
        Place = path;
        _readers = new SqliteReaders(path, clock);
        Writer = new SqliteWriter(session);
    }

    public string Kind => "sqlite";

    public string Place { get; }

    public string Durability => "one server";

    public SqliteWriter Writer { get; }

    /// <summary>The statements used so far, of which tests look at the plans.</summary>
    public IEnumerable<string> Statements => Writer.Statements.Concat(_readers.Statements).Distinct();

    /// <summary>Makes a store with its first data key, wrapped by the current master key, and opens it.</summary>
    public static Task<(SqliteDatabase Database, KeyRing Keys)> CreateAsync(string path, MasterKeys masterKeys, TimeProvider clock) =>
        Task.Run(async () => await OpenAsync(path, masterKeys, clock, create: true));

    /// <summary>
    /// Opens a store, brings its schema to this program's version, and ends the leases of the process that had it before: that one is
    /// dead, or its lock would still be held.
    /// </summary>
    public static Task<(SqliteDatabase Database, KeyRing Keys)> OpenAsync(string path, MasterKeys masterKeys, TimeProvider clock) =>
        Task.Run(async () => await OpenAsync(path, masterKeys, clock, create: false));

    public ValueTask<T> ReadAsync<T>(Func<StoreSession, ValueTask<T>> read, CancellationToken cancel) => _readers.ReadAsync(read, cancel);

    /// <summary>Nobody else has the file.</summary>
    public ValueTask<T> ReadConfirmedAsync<T>(Func<StoreSession, ValueTask<T>> read, CancellationToken cancel) => ReadAsync(read, cancel);

    public Task<T> WriteAsync<T>(Durability durability, Func<StoreSession, ValueTask<T>> write) => Writer.WriteAsync(durability, write);

    public void AuditTo(ChainPool chains) => Writer.AuditTo(chains);

    /// <summary>Whatever is committed by now is on the disk when this is done.</summary>
    public Task FlushAsync() => Writer.WriteAsync(Storage.Durability.Synced, session => ValueTask.FromResult(session.Execute("UPDATE store SET log_repairs = log_repairs")));

    /// <summary>Finishes what is queued and running, then lets go of the file.</summary>
    public async ValueTask DisposeAsync()
    {
        // The writer goes last: the last connection to close checkpoints the log, and only it may.
        await _readers.DisposeAsync();
        await Writer.DisposeAsync();
        _lock.Dispose();
    }

    private static async ValueTask<(SqliteDatabase Database, KeyRing Keys)> OpenAsync(string path, MasterKeys masterKeys, TimeProvider clock, bool create)
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
            return await OpenAsync(path, storeLock, masterKeys, clock, create);
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

    private static async ValueTask<(SqliteDatabase Database, KeyRing Keys)> OpenAsync(
        string path, StoreLock storeLock, MasterKeys masterKeys, TimeProvider clock, bool create)
    {
        var session = SqliteSession.OpenWriter(path, clock);
        try
        {
            FileMarks.Require(FileMark.Store, session, path);
            session.UseWriteAheadLog(path);
            Migrations.Apply(session);
            if (create)
            {
                await InitialiseAsync(session, path, masterKeys.Current);
            }
            else if (!await KeyRows.ExistAsync(session))
            {
                throw new StoreException(StoreFault.Missing, $"The store at {path} was not initialised: make one with keyturn init.");
            }

            var keys = await KeyRows.LoadAsync(session, masterKeys);
            await ResetLeases.ExpireAllAsync(session);
            return (new SqliteDatabase(path, storeLock, session, clock), keys);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static async ValueTask InitialiseAsync(SqliteSession session, string path, MasterKey masterKey)
    {
        if (await KeyRows.ExistAsync(session))
        {
            throw new StoreException(StoreFault.Exists, $"There is a store at {path} already.");
        }

        session.Execute("BEGIN IMMEDIATE");
        await KeyRows.CreateAsync(session, masterKey);
        session.Execute("COMMIT");
    }
}
