using Keyturn.Storage.Chain;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage;

/// <summary>What a write waits for before its caller goes on.</summary>
internal enum Durability
{
    /// <summary>It is committed: seen by every later read, and lost only if the machine (not the process) dies, or a replica takes over.</summary>
    Committed,

    /// <summary>It is committed and synced: to the disk, and to the replicas that the database waits for.</summary>
    Synced,
}

/// <summary>The database that holds a store: a file of SQLite for one process, or PostgreSQL for several.</summary>
internal interface IStoreDatabase : IAsyncDisposable
{
    /// <summary>The database's product, in a word.</summary>
    string Kind { get; }

    /// <summary>Where it is, without a login.</summary>
    string Place { get; }

    /// <summary>Which accident a synced write outlives, in a word.</summary>
    string Durability { get; }

    /// <summary>Reads in one snapshot, which holds whatever was committed before it began.</summary>
    /// <exception cref="StoreException">It could not be read, or what was read does not open.</exception>
    ValueTask<T> ReadAsync<T>(Func<StoreSession, ValueTask<T>> read, CancellationToken cancel);

    /// <summary>
    /// Reads in one snapshot, and only then says so when the database was still the one that all nodes use: a primary that has lost its
    /// replicas to another goes on reading what is no longer so.
    /// </summary>
    /// <exception cref="StoreException">As <see cref="ReadAsync"/>; or nobody confirms that what was read is still so.</exception>
    ValueTask<T> ReadConfirmedAsync<T>(Func<StoreSession, ValueTask<T>> read, CancellationToken cancel);

    /// <summary>
    /// Writes in one transaction. What <paramref name="write"/> throws rolls it back and comes back to this caller; it may be run again.
    /// Not cancellable: a commit whose end is unknown would be.
    /// </summary>
    /// <exception cref="StoreException">Nothing is written; or <see cref="StoreFault.Unknown"/>.</exception>
    Task<T> WriteAsync<T>(Durability durability, Func<StoreSession, ValueTask<T>> write);

    /// <summary>From now on writes append their audit rows to these chains; before, there can be none.</summary>
    void AuditTo(ChainPool chains);
}

/// <summary>Writes that have nothing to tell.</summary>
internal static class StoreDatabaseWrites
{
    public static Task WriteAsync(this IStoreDatabase database, Durability durability, Func<StoreSession, ValueTask> write) => database.WriteAsync(durability, async session =>
    {
        await write(session);
        return true;
    });
}
