namespace Keyturn.Storage.Chain;

/// <summary>
/// Renews the leases of chains that nobody appends to, and has what was appended on the disk within a second: PostgreSQL does that by itself
/// (<c>wal_writer_delay</c>), SQLite with a commit that syncs.
/// </summary>
public sealed class ChainUpkeep
{
    /// <summary>How often it is to run.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly long PassesPerRenewal = (long)(ChainPool.Lease / Interval) / 3;

    private readonly IStoreDatabase _database;
    private readonly ChainPool _pool;
    private long _passes;

    internal ChainUpkeep(IStoreDatabase database, ChainPool pool) => (_database, _pool) = (database, pool);

    /// <summary>One pass.</summary>
    /// <exception cref="StoreException">The store could not be written; the next pass does it.</exception>
    public async Task RunAsync()
    {
        if (_database is Sqlite.SqliteDatabase file)
        {
            await FlushAsync(file);
        }
        else if (_passes++ % PassesPerRenewal == 0)
        {
            await RenewAsync();
        }
    }

    private async Task FlushAsync(Sqlite.SqliteDatabase file)
    {
        if (!_pool.TakeUnflushed())
        {
            return;
        }

        try
        {
            await file.FlushAsync();
        }
        catch
        {
            _pool.NoteWritten();
            throw;
        }
    }

    private async Task RenewAsync()
    {
        foreach (var chain in _pool.Free)
        {
            await _database.WriteAsync(Durability.Committed, async session => await ChainRows.RenewAsync(session, chain.Id, _pool.Holder, await session.NowAsync() + ChainPool.Lease));
        }
    }
}
