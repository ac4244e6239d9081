using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>A file of Keyturn's that is only read: also beside a server that writes it, and without its lock.</summary>
internal static class StoreFile
{
    /// <summary>Reads in one snapshot.</summary>
    /// <exception cref="StoreException">It is not what the mark says, is missing, or is damaged so that it cannot be opened.</exception>
    public static Task<T> ReadAsync<T>(string path, FileMark mark, TimeProvider clock, Func<SqliteSession, ValueTask<T>> read) => Task.Run(async () =>
    {
        SqliteLibrary.Use();
        if (!File.Exists(path))
        {
            throw new StoreException(StoreFault.Missing, $"There is no file at {path}.");
        }

        try
        {
            using var session = SqliteSession.OpenReader(path, clock);
            FileMarks.Require(mark, session, path);
            Migrations.RefuseNewer(session);
            session.Execute("BEGIN");
            var result = await read(session);
            session.Execute("COMMIT");
            return result;
        }
        catch (SqliteException e)
        {
            throw e.ToStoreException();
        }
    });
}
