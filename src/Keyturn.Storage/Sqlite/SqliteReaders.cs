using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Read-only connections. Every read is one snapshot, which holds whatever was committed before it began.</summary>
internal sealed class SqliteReaders(string path, TimeProvider clock) : IAsyncDisposable
{
    private static readonly int Most = Math.Max(4, Environment.ProcessorCount);

    private readonly ConcurrentStack<SqliteSession> _idle = new();
    private readonly SemaphoreSlim _free = new(Most, Most);

    /// <summary>The statements used so far.</summary>
    public IEnumerable<string> Statements => _idle.SelectMany(session => session.Statements).Distinct();

    /// <summary>Reads in one snapshot.</summary>
    /// <exception cref="StoreException">It could not be read, or what was read does not open.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteSession, ValueTask<T>> read, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        try
        {
            return await ReadAsync(read);
        }
        catch (SqliteException e)
        {
            throw e.ToStoreException();
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the reads that are running, then closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < Most; i++)
        {
            await _free.WaitAsync();
        }

        while (_idle.TryPop(out var session))
        {
            session.Dispose();
        }

        _free.Dispose();
    }

    private async ValueTask<T> ReadAsync<T>(Func<SqliteSession, ValueTask<T>> read)
    {
        var session = _idle.TryPop(out var idle) ? idle : SqliteSession.OpenReader(path, clock);
        try
        {
            session.Execute("BEGIN");
            var result = await read(session);
            session.Execute("COMMIT");
            _idle.Push(session);
            return result;
        }
        catch
        {
            // Closing it also ends its transaction.
            session.Dispose();
            throw;
        }
    }
}
