using System.Data.Common;
using Keyturn.Storage.Tables;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Keyturn.Storage.Sqlite;

/// <summary>
/// One connection to the store's file with its prepared statements. For one thread at a time; all its tasks are completed when it returns
/// them. Of locks it needs none: there is one writer.
/// </summary>
internal sealed class SqliteSession : StoreSession, IDisposable
{
    private const int BusySeconds = 5;

    /// <summary>Of pages kept, where SQLite's own 2 MB make it read the indexes of a busy store anew from the file again and again.</summary>
    private const int CacheMegabytes = 16;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    private readonly TimeProvider _clock;

    private SqliteSession(SqliteConnection connection, TimeProvider clock) => (_connection, _clock) = (connection, clock);

    /// <summary>Whether a transaction is open. SQLite ends one by itself on some errors (disk full, I/O).</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>The statements used so far.</summary>
    public IReadOnlyCollection<string> Statements => _prepared.Keys;

    /// <summary>The connection that writes, and the only one that checkpoints.</summary>
    public static SqliteSession OpenWriter(string path, TimeProvider clock) => Open(path, SqliteOpenMode.ReadWrite, clock);

    /// <summary>A connection that can only read.</summary>
    public static SqliteSession OpenReader(string path, TimeProvider clock) => Open(path, SqliteOpenMode.ReadOnly, clock);

    /// <summary>An empty database in memory.</summary>
    public static SqliteSession OpenEmpty(TimeProvider clock) => Open("", SqliteOpenMode.Memory, clock);

    public override ValueTask<DateTimeOffset> NowAsync() => ValueTask.FromResult(_clock.GetUtcNow());

    public override ValueTask LockAccountAsync(Guid accountId) => ValueTask.CompletedTask;

    public override ValueTask<bool> TryLockAccountAsync(Guid accountId) => ValueTask.FromResult(true);

    public override ValueTask LockAccountOfAsync(Guid resetId) => ValueTask.CompletedTask;

    public override ValueTask<bool> TryLockAccountOfAsync(Guid resetId) => ValueTask.FromResult(true);

    public override ValueTask LockInstanceAsync(Guid instanceId) => ValueTask.CompletedTask;

    public override ValueTask LockRegistrationsAsync() => ValueTask.CompletedTask;

    /// <summary>Nobody else has the file: whoever held it is gone.</summary>
    public override ValueTask<Guid?> TryLockEndedChainAsync(DateTimeOffset now) => FirstIdAsync("SELECT id FROM audit_chains WHERE closed_at IS NULL ORDER BY id LIMIT 1");

    public override ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        ValueTask.FromResult(Execute(sql, parameters));

    public override ValueTask RunAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        Execute(sql, parameters);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        var found = new List<T>();
        while (rows.Read())
        {
            found.Add(read(rows));
        }

        return ValueTask.FromResult(found);
    }

    public override ValueTask<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return ValueTask.FromResult(rows.Read() ? read(rows) : null);
    }

    public override ValueTask<Guid?> FirstIdAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return ValueTask.FromResult<Guid?>(rows.Read() ? rows.Id(0) : null);
    }

    public override ValueTask<long?> FirstNumberAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        ValueTask.FromResult(FirstNumber(sql, parameters));

    public override ValueTask<bool> AnyAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        ValueTask.FromResult(Any(sql, parameters));

    /// <summary>Runs a statement of SQLite's own; returns the number of changed rows.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Bind(sql, parameters).ExecuteNonQuery();

    /// <summary>The number in the first row of a statement of SQLite's own; null when there is none.</summary>
    public long? FirstNumber(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return rows.Read() && !rows.IsDBNull(0) ? rows.GetInt64(0) : null;
    }

    /// <summary>Whether a statement of SQLite's own has a row.</summary>
    public bool Any(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return rows.Read();
    }

    /// <summary>Runs a script of several statements, which is not kept.</summary>
    public void ExecuteScript(string sql)
    {
        using var command = new SqliteCommand(sql, _connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Commits go to a write-ahead log, so that readers and the writer do not wait for each other. Kept in the file.</summary>
    /// <exception cref="StoreException">The file system cannot hold one.</exception>
    public void UseWriteAheadLog(string path)
    {
        if (!IsJournalMode("wal", Bind("PRAGMA journal_mode = WAL", [])))
        {
            throw new StoreException(StoreFault.Io, $"The file system of {path} has no shared memory, which SQLite's write-ahead log needs: use a local disk.");
        }

        // Checkpoints are the writer's own, between two batches. On macOS a plain fsync leaves data in the drive's cache.
        ExecuteScript("PRAGMA wal_autocheckpoint = 0; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;");

        // Of the log of a process that died nobody knows which pages the disk has.
        CutLog();
    }

    /// <summary>Writes all of the log to the database, syncs that, and empties the log.</summary>
    /// <exception cref="StoreException">A reader would not let go of the log.</exception>
    public void CutLog()
    {
        if (FirstNumber("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
        {
            throw new StoreException(StoreFault.Busy, "The store's log cannot be cut: another program reads the store.");
        }
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private static SqliteSession Open(string path, SqliteOpenMode mode, TimeProvider clock)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = BusySeconds };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection, clock);
            // A plan never depends on a parameter's value: else a statement that might use a partial index is compiled anew at each run.
            raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
            session.ExecuteScript($"PRAGMA busy_timeout = {BusySeconds * 1000}; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = {-1024 * CacheMegabytes};");
            return session;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw e.ToStoreException();
        }
    }

    private static bool IsJournalMode(string mode, SqliteCommand pragma)
    {
        using var rows = pragma.ExecuteReader();
        return rows.Read() && rows.GetString(0) == mode;
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Prepare(sql, parameters);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = Columns.ToSqlite(parameters[i].Value);
        }

        return command;
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = new SqliteCommand(sql, _connection);
        foreach (var (name, _) in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        _prepared.Add(sql, command);
        return command;
    }
}
