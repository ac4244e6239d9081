namespace Keyturn.Storage.Sqlite;

/// <summary>What a file of Keyturn's is, as its application id says (sqlite.org/pragma.html#pragma_application_id): four letters.</summary>
internal enum FileMark
{
    /// <summary><c>KTRN</c>: a store.</summary>
    Store = 0x4B54524E,

    /// <summary><c>KTRB</c>: a backup. What it holds may be older than what the servers have, so that none starts on it.</summary>
    Backup = 0x4B545242,

    /// <summary><c>KTRM</c>: a store that was moved to another database, and is not to be used beside it.</summary>
    Moved = 0x4B54524D,
}

/// <summary>Reading and writing the mark of a file.</summary>
internal static class FileMarks
{
    /// <summary>Before anything else is done with a file that may be somebody else's. An empty file has no mark yet, and may become a store.</summary>
    /// <exception cref="StoreException">It is something else.</exception>
    public static void Require(FileMark mark, SqliteSession session, string path)
    {
        var found = (FileMark?)session.FirstNumber("PRAGMA application_id");
        if (found == mark || (mark == FileMark.Store && !session.Any("SELECT 1 FROM sqlite_schema")))
        {
            return;
        }

        throw found switch
        {
            FileMark.Store => new StoreException(StoreFault.Exists, $"{path} is a store, and no backup."),
            FileMark.Backup => new StoreException(StoreFault.Retired, $"{path} is a backup: make a store of it with keyturn store restore."),
            FileMark.Moved => new StoreException(StoreFault.Retired, $"The store at {path} was moved to PostgreSQL: start on that one. This file is left as it was then."),
            _ => new StoreException(StoreFault.Corrupt, $"{path} is another program's database."),
        };
    }

    public static bool Is(FileMark mark, SqliteSession session) => session.FirstNumber("PRAGMA application_id") == (int)mark;

    public static void Write(FileMark mark, SqliteSession session) => session.ExecuteScript($"PRAGMA application_id = {(int)mark}");
}
