using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Chain;

/// <summary>Proves that the audit log of a store is as it was written. It only reads, in one snapshot, so that it may run beside a server.</summary>
public static class AuditVerification
{
    /// <summary>Verifies all chains.</summary>
    /// <param name="where">The store's file, or the connection string of its database.</param>
    /// <param name="masterKeys">Those of the store.</param>
    /// <param name="expected">Heads that were kept elsewhere: their rows have to be there still.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StoreException">It cannot be read, or the master key is not its own.</exception>
    public static Task<AuditReport> RunAsync(string where, MasterKeys masterKeys, IReadOnlyList<KeptHead> expected, TimeProvider clock, CancellationToken cancel) => ReadAsync(
        where,
        clock,
        async session => await new LogVerification(session, new ChainKey(await KeyRows.OpenAsync(session, masterKeys)), expected).RunAsync(cancel),
        cancel);

    /// <summary>Where the chains end now.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static Task<IReadOnlyList<KeptHead>> HeadsAsync(string where, TimeProvider clock, CancellationToken cancel) => ReadAsync(where, clock, HeadsAsync, cancel);

    internal static async ValueTask<IReadOnlyList<KeptHead>> HeadsAsync(StoreSession session) =>
        [.. (await ChainRows.ListAsync(session)).Select(row => new KeptHead(row.Head.Id, row.Head.Number, Convert.ToHexStringLower(row.Head.Hash)))];

    private static async Task<T> ReadAsync<T>(string where, TimeProvider clock, Func<StoreSession, ValueTask<T>> read, CancellationToken cancel)
    {
        if (Store.IsPostgreSql(where))
        {
            await using var database = await PostgreSqlDatabase.OpenToReadAsync(where, clock);
            return await database.ReadAsync(read, cancel);
        }

        return await StoreFile.ReadAsync(where, FileMark.Store, clock, async session =>
        {
            if (Migrations.VersionOf(session) < Migrations.Latest)
            {
                throw new StoreException(StoreFault.Other, "An earlier Keyturn wrote this store: start a server of this version on it first.");
            }

            return await read(session);
        });
    }
}
