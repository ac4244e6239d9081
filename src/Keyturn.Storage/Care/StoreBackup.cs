using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Care;

/// <summary>
/// A store as it was at one moment, in one file that only its owner can read: a store of SQLite with the mark of a backup, whichever
/// database the store itself is in.
/// </summary>
public static class StoreBackup
{
    /// <summary>Writes a backup, also while servers use the store, and checks what was written.</summary>
    /// <param name="where">The store.</param>
    /// <param name="file">A file that is not there yet.</param>
    /// <param name="masterKeys">Every sealed text of the backup is opened with them, and the backup searched for them; null does neither.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <param name="cancel">Gives up, and leaves nothing.</param>
    /// <returns>What the check of the backup found: damage of the store itself is in its backup too.</returns>
    /// <exception cref="StoreException">There is no backup.</exception>
    public static async Task<StoreReport> WriteAsync(string where, string file, MasterKeys? masterKeys, TimeProvider clock, CancellationToken cancel)
    {
        if (Path.Exists(file))
        {
            throw new StoreException(StoreFault.Exists, $"There is a file at {file} already: a backup overwrites nothing.");
        }

        // Under its own name there is never half a backup.
        using var draft = new DraftFile($"{file}.partial");
        await (Store.IsPostgreSql(where) ? CopyAsync(where, draft.Path, clock, cancel) : draft.CopyFromAsync(where, FileMark.Store, clock));
        await draft.UseAsync(clock, session =>
        {
            FileMarks.Write(FileMark.Backup, session);
            return ValueTask.CompletedTask;
        });
        var report = await StoreCheck.RunAsync(draft.Path, FileMark.Backup, masterKeys, clock);
        if (masterKeys is not null && await MasterKeyScan.IsInAsync(draft.Path, masterKeys, cancel))
        {
            throw new StoreException(StoreFault.MasterKey, "The store holds its own master key as a text somewhere (a name, a tag, a label): no backup was made. Find it, take it out, and rotate the master key.");
        }

        draft.Keep(file);
        return report;
    }

    private static async Task CopyAsync(string where, string path, TimeProvider clock, CancellationToken cancel)
    {
        await using var database = await PostgreSqlDatabase.OpenToReadAsync(where, clock);
        try
        {
            using var session = SqliteSession.OpenWriter(path, clock);
            Migrations.Apply(session);
            session.Execute("BEGIN IMMEDIATE");
            await database.ReadAsync(
                async from =>
                {
                    await StoreCopy.RunAsync(from, session);
                    return true;
                },
                cancel);
            session.Execute("COMMIT");
        }
        catch (SqliteException e)
        {
            throw e.ToStoreException();
        }
    }
}
