using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>
/// Reads all of a store and says what is damaged. It only reads, in one snapshot, so that it may run beside a server.
/// </summary>
public static class StoreCheck
{
    /// <summary>Checks a store.</summary>
    /// <param name="where">Its file, or the connection string of its database.</param>
    /// <param name="masterKeys">Every sealed text is opened with them; null leaves the seals alone.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StoreException">It cannot be opened at all, is no store, or is one of another schema.</exception>
    public static Task<StoreReport> RunAsync(string where, MasterKeys? masterKeys, TimeProvider clock, CancellationToken cancel) => Store.IsPostgreSql(where)
        ? RunOnPostgreSqlAsync(where, masterKeys, clock, cancel)
        : RunAsync(where, FileMark.Store, masterKeys, clock);

    internal static async Task<StoreReport> RunAsync(string path, FileMark mark, MasterKeys? masterKeys, TimeProvider clock)
    {
        var findings = new List<StoreFinding>();
        try
        {
            return await StoreFile.ReadAsync(path, mark, clock, async session =>
            {
                RefuseOlder(session);
                await FileCheck.RunAsync(session, clock, findings);
                return await RunAsync(session, masterKeys, findings);
            });
        }
        catch (StoreException e) when (e.Fault == StoreFault.Corrupt && findings.Count > 0)
        {
            // So damaged that even what is there cannot be counted: what was found says more than the last error.
            return new StoreReport(Content: null, masterKeys is not null, findings);
        }
    }

    private static async Task<StoreReport> RunOnPostgreSqlAsync(string where, MasterKeys? masterKeys, TimeProvider clock, CancellationToken cancel)
    {
        await using var database = await PostgreSqlDatabase.OpenToReadAsync(where, clock);
        return await database.ReadAsync(session => RunAsync(session, masterKeys, []), cancel);
    }

    /// <summary>What holds of a store, whichever database has it.</summary>
    internal static async ValueTask<StoreReport> RunAsync(StoreSession session, MasterKeys? masterKeys, List<StoreFinding> findings)
    {
        var keys = await KeyCheck.RunAsync(session, masterKeys, findings);
        await new RowCheck(session, keys, findings).RunAsync();
        await AuditCheck.RunAsync(session, keys, findings);
        return new StoreReport(await ContentAsync(session), masterKeys is not null, findings);
    }

    internal static async ValueTask<StoreContent> ContentAsync(StoreSession session) => new(
        await CountAsync(session, "instances"),
        await CountAsync(session, "accounts"),
        await CountAsync(session, "secrets"),
        await CountAsync(session, "resets WHERE state IN ('Prepared', 'Undecided')"),
        await NewestEntryAsync(session));

    private static async ValueTask<long> CountAsync(StoreSession session, string table) => (await session.FirstNumberAsync($"SELECT count(*) FROM {table}"))!.Value;

    private static async ValueTask<DateTimeOffset?> NewestEntryAsync(StoreSession session) =>
        (await session.QueryAsync("SELECT time FROM audit ORDER BY sequence DESC LIMIT 1", row => (DateTimeOffset?)row.Time(0))).FirstOrDefault();

    private static void RefuseOlder(SqliteSession session)
    {
        if (Migrations.VersionOf(session) is var version && version < Migrations.Latest)
        {
            throw new StoreException(
                StoreFault.Other, $"An earlier Keyturn wrote this store (schema {version}, this program's is {Migrations.Latest}): check it with that one, or start a server of this version on it first.");
        }
    }
}
