namespace Keyturn.Storage;

/// <summary>Why the store could not do what it was asked.</summary>
public enum StoreFault
{
    /// <summary>No room: the disk, the quota or the store's size limit.</summary>
    DiskFull,

    /// <summary>The file, its folder or its file system cannot be written.</summary>
    ReadOnly,

    /// <summary>The operating system reported an error of reading, writing or syncing.</summary>
    Io,

    /// <summary>The file is not what Keyturn wrote.</summary>
    Corrupt,

    /// <summary>Another program holds a lock on the database file.</summary>
    Busy,

    /// <summary>Another Keyturn process uses the store.</summary>
    InUse,

    /// <summary>The operating system has no SQLite library, or one that is too old.</summary>
    LibraryMissing,

    /// <summary>A later Keyturn has changed the store's schema.</summary>
    SchemaNewer,

    /// <summary>There is no store at the path.</summary>
    Missing,

    /// <summary>There is a store at the path already.</summary>
    Exists,

    /// <summary>The file is a backup, or a store that was moved elsewhere: no server is to start on it.</summary>
    Retired,

    /// <summary>The master key is absent, readable by others, malformed, or not this store's.</summary>
    MasterKey,

    /// <summary>A sealed secret does not open: it was altered, moved, or its data key is gone.</summary>
    Seal,

    /// <summary>What was to be written contradicts what the store holds: it changed since the caller read it.</summary>
    Conflict,

    /// <summary>The database did not say whether it wrote: the connection ended, or replicas did not answer, during the commit.</summary>
    Unknown,

    /// <summary>The text that says where the store is cannot be used.</summary>
    Address,

    /// <summary>The database cannot be reached, or answers nothing.</summary>
    Unreachable,

    /// <summary>The database is replicated, and would not wait for a replica: what it writes could be lost with one machine.</summary>
    NotReplicated,

    /// <summary>Anything else; the message has the database's words.</summary>
    Other,
}

/// <summary>The store could not do what it was asked. What it was asked to write is not written; at <see cref="StoreFault.Unknown"/> it may be.</summary>
public sealed class StoreException : Exception
{
    /// <summary>A fault and a sentence about it, which holds no secret.</summary>
    public StoreException(StoreFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>Why.</summary>
    public StoreFault Fault { get; }
}
