using Keyturn.Storage.Chain;
using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>
/// Makes a store of a backup. What was changed after the backup is not in it, so that no password of it counts as the server's before a
/// login has shown it, nothing that was open then is sent anew (recovery only finds out what became of it), and schedules wait for a day.
/// </summary>
public static class StoreRestore
{
    /// <summary>
    /// For so long after a restore no schedule rotates anything: a store that was only restored to see whether it can be must not change the
    /// passwords that the real one serves.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>Makes a store where none is. All of it, or nothing.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="where">Where the store is to be: a file that is not there yet, or a database without a store.</param>
    /// <param name="masterKeys">Those that open the backup.</param>
    /// <param name="acceptDamage">Restore also what is damaged; else a finding refuses it.</param>
    /// <param name="allowAsynchronous">See <see cref="Store.CreateAsync"/>.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <returns>What the check of the backup found. With findings, and without <paramref name="acceptDamage"/>, no store was made.</returns>
    /// <exception cref="StoreException">There is a store already, the master key is another one, …; no store was made.</exception>
    public static async Task<StoreReport> RunAsync(string file, string where, MasterKeys masterKeys, bool acceptDamage, bool allowAsynchronous, TimeProvider clock)
    {
        var isPostgreSql = Store.IsPostgreSql(where);
        if (!isPostgreSql && Path.Exists(where))
        {
            throw new StoreException(StoreFault.Exists, $"There is a file at {where} already: a backup is restored where no store is.");
        }

        using var draft = new DraftFile(isPostgreSql ? Path.Combine(Path.GetTempPath(), $"keyturn-restore-{Guid.NewGuid():N}") : $"{where}.partial");
        await draft.CopyFromAsync(file, FileMark.Backup, clock);
        await draft.UseAsync(clock, session => PrepareAsync(session, masterKeys));
        var report = await StoreCheck.RunAsync(draft.Path, FileMark.Store, masterKeys, clock);
        if (report.Findings.Count > 0 && !acceptDamage)
        {
            return report;
        }

        await (isPostgreSql ? FillAsync(draft, where, allowAsynchronous, clock) : KeepAsync(draft, where));
        return report;
    }

    private static async ValueTask PrepareAsync(SqliteSession session, MasterKeys masterKeys)
    {
        FileMarks.Write(FileMark.Store, session);
        Migrations.Apply(session);
        if (!await KeyRows.ExistAsync(session))
        {
            throw new StoreException(StoreFault.Corrupt, "The backup has no row of the store itself.");
        }

        var chainKey = new ChainKey(await KeyRows.OpenAsync(session, masterKeys));
        session.Pen = new AuditPen(new ChainPool(chainKey));
        session.Execute("BEGIN IMMEDIATE");
        var now = await session.NowAsync();
        await EarlierRows.AnchorAsync(session, chainKey);
        await AccountRows.SetUnverifiedAsync(session, now);
        await ResetLeases.LookOnlyAsync(session, now);
        await ScheduleRows.PutOffAsync(session, now + Grace);

        // Nobody's sign-in outlives the store that knew it; tokens and keys are what they were at the time of the backup.
        session.Execute($"DELETE FROM credentials WHERE kind = 'Session' OR ({CredentialRows.IsTemporary})");

        // The store that was backed up may have gone on with its chains: this one begins its own.
        await ChainRows.CloseAllAsync(session, now);
        session.Pen.Forget();
        await StoreAudit.AppendAsync(session, "store.restore", "Restored from a backup: all accounts are unverified.");
        session.Execute("COMMIT");
    }

    private static Task KeepAsync(DraftFile draft, string where)
    {
        using var storeLock = StoreLock.Take(where);
        draft.Keep(where);
        return Task.CompletedTask;
    }

    private static async Task FillAsync(DraftFile draft, string where, bool allowAsynchronous, TimeProvider clock) => await draft.UseAsync(clock, async from =>
        await PostgreSqlDatabase.FillAsync(where, allowAsynchronous, clock, to => StoreCopy.RunAsync(from, to)));
}
