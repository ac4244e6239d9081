using Keyturn.Storage.PostgreSql;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Tables;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Care;

/// <summary>
/// Moves a store from its file to PostgreSQL, while no server uses it. The file stays as it was and is marked, so that nobody starts on it:
/// there are never two stores that both believe to be the one.
/// </summary>
public static class StoreMove
{
    /// <summary>Moves the store. After an attempt that was interrupted it may be run again.</summary>
    /// <param name="file">The store's file.</param>
    /// <param name="to">Connection string of a database without a store.</param>
    /// <param name="masterKeys">Those of the store.</param>
    /// <param name="allowAsynchronous">See <see cref="Store.CreateAsync"/>.</param>
    /// <param name="clock">The store's clock, where it is a file.</param>
    /// <param name="cancel">Gives up the check of what was moved.</param>
    /// <returns>What the check of the moved store found.</returns>
    /// <exception cref="StoreException">Nothing is moved; or <see cref="StoreFault.Unknown"/>: run it again, it says whether it was.</exception>
    public static async Task<StoreReport> RunAsync(string file, string to, MasterKeys masterKeys, bool allowAsynchronous, TimeProvider clock, CancellationToken cancel)
    {
        SqliteLibrary.Use();
        if (!File.Exists(file))
        {
            throw new StoreException(StoreFault.Missing, $"There is no store at {file}.");
        }

        using var storeLock = StoreLock.Take(file);
        await Task.Run(() => MoveAsync(file, to, masterKeys, allowAsynchronous, clock), cancel);
        return await StoreCheck.RunAsync(to, masterKeys, clock, cancel);
    }

    private static async Task MoveAsync(string file, string to, MasterKeys masterKeys, bool allowAsynchronous, TimeProvider clock)
    {
        try
        {
            using var session = SqliteSession.OpenWriter(file, clock);
            if (!FileMarks.Is(FileMark.Moved, session))
            {
                FileMarks.Require(FileMark.Store, session, file);
                Migrations.Apply(session);
            }

            var storeId = (await KeyRows.OpenAsync(session, masterKeys)).StoreId;

            // First, so that whatever happens in between, the file is not started on while the other may be there.
            session.Execute("PRAGMA synchronous = FULL");
            FileMarks.Write(FileMark.Moved, session);
            await FillAsync(session, storeId, to, masterKeys, allowAsynchronous, clock);
        }
        catch (SqliteException e)
        {
            throw e.ToStoreException();
        }
    }

    private static async Task FillAsync(SqliteSession session, Guid storeId, string to, MasterKeys masterKeys, bool allowAsynchronous, TimeProvider clock)
    {
        try
        {
            await PostgreSqlDatabase.FillAsync(to, allowAsynchronous, clock, target => StoreCopy.RunAsync(session, target));
        }
        catch (StoreException e) when (e.Fault == StoreFault.Exists)
        {
            if (await FindStoreIdAsync(to, clock) != storeId)
            {
                FileMarks.Write(FileMark.Store, session);
                throw;
            }

            // It is this very store: an earlier attempt had come so far.
        }
        catch (Exception e) when (e is not StoreException { Fault: StoreFault.Unknown })
        {
            FileMarks.Write(FileMark.Store, session);
            throw;
        }
    }

    private static async Task<Guid?> FindStoreIdAsync(string where, TimeProvider clock)
    {
        await using var database = await PostgreSqlDatabase.OpenToReadAsync(where, clock);
        return (await database.ReadAsync(KeyRows.FindStoreAsync, CancellationToken.None))?.Id;
    }
}
