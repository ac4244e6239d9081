using System.Threading.Channels;
using Keyturn.Storage.Chain;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>
/// The one writer of a store. Writes that wait at the same time share a transaction, and so one sync of the disk; each has a savepoint
/// of its own. Callers go on only after the commit, and none of the batch goes on if the commit fails.
/// </summary>
/// <remarks>
/// Who finds nobody writing writes on its own thread: the way to another thread and back costs a lone caller more than the write. What has
/// queued up meanwhile is another thread's.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int LargestBatch = 256;

    /// <summary>A reset changes about 20 pages of 4 KiB, so that the log stays at some tens of megabytes.</summary>
    private const int WritesPerCheckpoint = 500;

    private readonly SqliteSession _session;
    private readonly Channel<WriteItem> _queue = Channel.CreateUnbounded<WriteItem>();
    private readonly SemaphoreSlim _turn = new(1);
    private Durability? _mode;
    private bool _logIsSuspect;
    private int _sinceCheckpoint;

    public SqliteWriter(SqliteSession session) => _session = session;

    /// <summary>The statements used so far.</summary>
    public IReadOnlyCollection<string> Statements => _session.Statements;

    /// <summary>Queues a write, and does it if nobody writes. What it throws comes back to its caller and to nobody else.</summary>
    /// <exception cref="StoreException">Nothing is written.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public Task<T> WriteAsync<T>(Durability durability, Func<SqliteSession, ValueTask<T>> write)
    {
        var item = new WriteItem<T>(durability, write);
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(item), this);
        if (_turn.Wait(0))
        {
            _ = WriteBatchAsync();
        }

        return item.Completion;
    }

    /// <summary>There is one writer, and so one chain.</summary>
    public void AuditTo(ChainPool chains) => _session.Pen = new AuditPen(chains);

    /// <summary>Finishes what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _turn.WaitAsync();
        while (_queue.Reader.TryPeek(out _))
        {
            await WriteAsync(TakeBatch());
        }

        _session.Dispose();
    }

    private async Task WriteBatchAsync()
    {
        try
        {
            // It is empty when the last batch took what this turn was for.
            if (TakeBatch() is { Count: > 0 } batch)
            {
                await WriteAsync(batch);
                _sinceCheckpoint += batch.Count;
            }

            if (_sinceCheckpoint >= WritesPerCheckpoint)
            {
                // The caller whose thread this is has its result already.
                await Task.Yield();
                Checkpoint();
            }
        }
        finally
        {
            _turn.Release();
        }

        // Queued by somebody who found the turn taken.
        if (_queue.Reader.TryPeek(out _) && _turn.Wait(0))
        {
            _ = Task.Run(WriteBatchAsync);
        }
    }

    private List<WriteItem> TakeBatch()
    {
        var batch = new List<WriteItem>();
        while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var item))
        {
            batch.Add(item);
        }

        return batch;
    }

    private async ValueTask WriteAsync(List<WriteItem> batch)
    {
        try
        {
            RepairLogIfSuspect();
            Begin(batch.Exists(item => item.Durability == Durability.Synced) ? Durability.Synced : Durability.Committed);
            foreach (var item in batch)
            {
                await RunInSavepointAsync(item);
            }

            _session.Execute("COMMIT");
        }
        catch (Exception e)
        {
            // Whatever it was, nothing of the batch is in the store, and its callers must know before anything else is tried.
            Undo();
            var error = e as StoreException ?? (e as SqliteException)?.ToStoreException() ?? new StoreException(StoreFault.Other, "The store could not write.", e);
            batch.ForEach(item => item.Fail(error));
            return;
        }

        batch.ForEach(item => item.Complete());
    }

    private void Begin(Durability durability)
    {
        if (_mode != durability)
        {
            // Cannot be changed inside a transaction. NORMAL syncs the log only at checkpoints, FULL at each commit too.
            _session.Execute(durability == Durability.Synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _mode = durability;
        }

        _session.Execute("BEGIN IMMEDIATE");
    }

    private async ValueTask RunInSavepointAsync(WriteItem item)
    {
        _session.Execute("SAVEPOINT item");
        try
        {
            await item.RunAsync(_session);
        }
        catch (Exception e) when (_session.InTransaction)
        {
            // Its own failure. Without a transaction (SQLite has rolled all of it back: disk full, I/O) it is the batch's.
            _session.Execute("ROLLBACK TO item");
            _session.Pen?.Forget();
            item.Reject((e as SqliteException)?.ToStoreException() ?? e);
        }

        _session.Execute("RELEASE item");
    }

    /// <summary>
    /// A commit that failed may have left its commit record in the log, where recovery after a crash would take it for done although its
    /// callers were told otherwise. The next record goes to the same place: it is written at once, and synced if the disk can.
    /// </summary>
    private void Undo()
    {
        _logIsSuspect = true;
        _session.Pen?.Forget();
        try
        {
            WriteRecord(Durability.Committed);
            RepairLogIfSuspect();
        }
        catch (Exception)
        {
            // Tried again before the next batch, which fails with what it meets.
        }
    }

    /// <summary>
    /// After a failed sync the operating system may have dropped earlier pages of the log, and calls them clean. Checkpointing writes what
    /// they say to the database, and syncs that; then the log begins anew.
    /// </summary>
    private void RepairLogIfSuspect()
    {
        if (!_logIsSuspect)
        {
            return;
        }

        RollBack();
        _session.CutLog();
        WriteRecord(Durability.Synced);
        _logIsSuspect = false;
    }

    private void WriteRecord(Durability durability)
    {
        RollBack();
        Begin(durability);
        _session.Execute("UPDATE store SET log_repairs = log_repairs + 1");
        _session.Execute("COMMIT");
    }

    private void RollBack()
    {
        if (_session.InTransaction)
        {
            _session.Execute("ROLLBACK");
        }
    }

    private void Checkpoint()
    {
        _sinceCheckpoint = 0;
        try
        {
            _session.FirstNumber("PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException)
        {
            // The log keeps everything; should the disk be failing, the next commit says so to somebody who can act on it.
        }
    }
}
