using Keyturn.Crash.Nodes;

namespace Keyturn.Crash.Lab;

/// <summary>
/// A lock that a change of a password waits for. PostgreSQL: the rows of these accounts. MariaDB has no such lock: there it is the
/// table of all accounts, as it is while another account statement hangs.
/// </summary>
internal sealed class AccountLock(Database database, SqlSession holder) : IAsyncDisposable
{
    public static async Task<AccountLock> TakeAsync(Database database, IEnumerable<Account> accounts)
    {
        var holder = await SqlSession.OpenAsync(database);
        if (database.Engine == "postgresql")
        {
            await holder.ExecuteAsync("BEGIN");
            foreach (var account in accounts)
            {
                await holder.ExecuteAsync($"ALTER ROLE {account.User} CONNECTION LIMIT 50");
            }
        }
        else
        {
            await holder.ExecuteAsync("LOCK TABLES mysql.global_priv READ");
        }

        return new AccountLock(database, holder);
    }

    /// <summary>The server's numbers of the sessions that wait for it.</summary>
    public static async Task<IReadOnlyList<string>> WaitersAsync(Database database, SqlSession observer) => await observer.ReadAsync(database.Engine == "postgresql"
        ? "SELECT pid::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ALTER ROLE%PASSWORD%'"
        : "SELECT CAST(ID AS CHAR) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting%' AND INFO LIKE 'ALTER USER%'");

    /// <summary>Which of these sessions the server still has.</summary>
    public static async Task<IReadOnlyList<string>> AliveAsync(Database database, SqlSession observer, IEnumerable<string> sessions) => await observer.ReadAsync(database.Engine == "postgresql"
        ? $"SELECT pid::text FROM pg_stat_activity WHERE pid IN ({string.Join(',', sessions)})"
        : $"SELECT CAST(ID AS CHAR) FROM information_schema.PROCESSLIST WHERE ID IN ({string.Join(',', sessions)})");

    /// <summary>Lets go, with nothing changed.</summary>
    public async ValueTask DisposeAsync()
    {
        await holder.ExecuteAsync(database.Engine == "postgresql" ? "ROLLBACK" : "UNLOCK TABLES");
        await holder.DisposeAsync();
    }
}
