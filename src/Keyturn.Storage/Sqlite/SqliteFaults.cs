using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Keyturn.Storage.Sqlite;

/// <summary>SQLite's result codes (sqlite.org/rescode.html) as faults of the store.</summary>
internal static class SqliteFaults
{
    public static StoreException ToStoreException(this SqliteException error) => error.SqliteErrorCode switch
    {
        SQLITE_FULL => Fault(StoreFault.DiskFull, "The store's disk is full", error),
        SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM => Fault(StoreFault.ReadOnly, "The store cannot be written", error),
        SQLITE_IOERR => Fault(StoreFault.Io, "The store's disk reported an error", error),
        SQLITE_CORRUPT or SQLITE_NOTADB => Fault(StoreFault.Corrupt, "The store's file is damaged, or is not a store", error),
        SQLITE_BUSY or SQLITE_LOCKED => Fault(StoreFault.Busy, "Another program locks the store's file", error),
        SQLITE_CONSTRAINT => Fault(StoreFault.Conflict, "The store holds something that contradicts this", error),
        _ => Fault(StoreFault.Other, "SQLite could not do it", error),
    };

    private static StoreException Fault(StoreFault fault, string sentence, SqliteException error) =>
        new(fault, $"{sentence} ({error.Message}).", error);
}
