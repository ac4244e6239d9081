using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Keyturn.Storage.Sqlite;

/// <summary>One connection to the store's file with its prepared statements. For one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int BusySeconds = 5;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    /// <summary>Whether a transaction is open. SQLite ends one by itself on some errors (disk full, I/O).</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>The statements used so far.</summary>
    public IReadOnlyCollection<string> Statements => _prepared.Keys;

    /// <summary>The connection that writes, and the only one that checkpoints.</summary>
    public static SqliteSession OpenWriter(string path) => Open(path, SqliteOpenMode.ReadWrite);

    /// <summary>A connection that can only read.</summary>
    public static SqliteSession OpenReader(string path) => Open(path, SqliteOpenMode.ReadOnly);

    /// <summary>Runs a statement; returns the number of changed rows.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Bind(sql, parameters).ExecuteNonQuery();

    /// <summary>All rows.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        var found = new List<T>();
        while (rows.Read())
        {
            found.Add(read(rows));
        }

        return found;
    }

    /// <summary>The first row; null when there is none.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return rows.Read() ? read(rows) : null;
    }

    /// <summary>The id in the first row; null when there is none.</summary>
    public Guid? FirstId(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return rows.Read() ? rows.Id(0) : null;
    }

    /// <summary>The number in the first row; null when there is none.</summary>
    public long? FirstNumber(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Bind(sql, parameters).ExecuteReader();
        return rows.Read() && !rows.IsDBNull(0) ? rows.GetInt64(0) : null;
    }

    /// <summary>Whether there is a row.</summary>
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
        if (First("PRAGMA journal_mode = WAL", row => row.GetString(0)) != "wal")
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

    private static SqliteSession Open(string path, SqliteOpenMode mode)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = BusySeconds };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            session.ExecuteScript($"PRAGMA busy_timeout = {BusySeconds * 1000}; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;");
            return session;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw e.ToStoreException();
        }
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Prepare(sql, parameters);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = Columns.ToColumn(parameters[i].Value);
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
