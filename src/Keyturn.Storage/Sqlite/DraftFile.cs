using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>A file of Keyturn's that is being made, for its owner only. It is gone afterwards, unless it was kept under its own name.</summary>
internal sealed class DraftFile : IDisposable
{
    /// <exception cref="StoreException">It cannot be made.</exception>
    public DraftFile(string path)
    {
        SqliteLibrary.Use();
        Path = path;
        Dispose();
        OwnerOnlyFile.Create(path);
    }

    public string Path { get; }

    /// <summary>Copies all of another file, as it is at this moment: SQLite may copy into an empty file.</summary>
    /// <exception cref="StoreException">The other one is damaged, or none of the mark; or there is no room.</exception>
    public Task CopyFromAsync(string source, FileMark mark, TimeProvider clock) => Task.Run(() =>
    {
        if (!File.Exists(source))
        {
            throw new StoreException(StoreFault.Missing, $"There is no file at {source}.");
        }

        try
        {
            using var session = SqliteSession.OpenReader(source, clock);
            FileMarks.Require(mark, session, source);
            Migrations.RefuseNewer(session);
            session.Execute("VACUUM INTO $path", ("$path", Path));
        }
        catch (SqliteException e)
        {
            throw e.ToStoreException();
        }
    });

    /// <summary>Reads or changes it. Nobody else knows of it yet.</summary>
    /// <exception cref="StoreException">It cannot be read or written.</exception>
    public Task UseAsync(TimeProvider clock, Func<SqliteSession, ValueTask> use) => Task.Run(async () =>
    {
        try
        {
            using var session = SqliteSession.OpenWriter(Path, clock);
            await use(session);
        }
        catch (SqliteException e)
        {
            throw e.ToStoreException();
        }
    });

    /// <summary>Gives it its name, once the disk has it.</summary>
    /// <exception cref="StoreException">There is a file of that name by now, or none can be.</exception>
    public void Keep(string path)
    {
        try
        {
            using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
            {
                file.Flush(flushToDisk: true);
            }

            File.Move(Path, path, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(File.Exists(path) ? StoreFault.Exists : StoreFault.ReadOnly, $"{path} cannot be made: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        foreach (var file in new[] { Path, $"{Path}-journal", $"{Path}-wal", $"{Path}-shm" })
        {
            File.Delete(file);
        }
    }
}
