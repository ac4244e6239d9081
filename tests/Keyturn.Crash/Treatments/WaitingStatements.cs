using Keyturn.Crash.Lab;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>
/// Statements that wait for a lock at the server when Keyturn is killed. No reset is ended while its statement is there and may land.
/// </summary>
internal static class WaitingStatements
{
    private const int Accounts = 8;

    /// <summary>The longest that an instance may ask for: the orphans outlive the recovery.</summary>
    private const int StatementLimitSeconds = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FenceLimit = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(Ward ward)
    {
        await using var deployment = ward.Campaign.Deploy();
        await deployment.OpenAsync();
        foreach (var database in ward.Campaign.Databases.Where(database => database.IsSql))
        {
            var accounts = await deployment.AddAsync(database, Accounts, statementLimitSeconds: StatementLimitSeconds);
            await KillWhileTheyWaitAsync(ward, deployment, database, accounts);
        }

        if (deployment.Accounts.Count == 0)
        {
            ward.Findings.Skipped = "neither PostgreSQL nor MariaDB is there";
        }
    }

    private static async Task KillWhileTheyWaitAsync(Ward ward, Deployment deployment, Database database, IReadOnlyList<Account> accounts)
    {
        await using var observer = await SqlSession.OpenAsync(database);
        var ledger = new Ledger();
        await using (await AccountLock.TakeAsync(database, accounts))
        {
            var calls = accounts.Select((account, number) => new Caller(deployment, number, ledger, ward.Seeded).ResetAsync(account, mayLogIn: false)).ToList();
            var orphans = await UntilTheyWaitAsync(database, observer, database.Engine == "postgresql" ? accounts.Count : 1);
            await deployment.Nodes[0].KillAsync();
            await Task.WhenAll(calls);
            if ((await AccountLock.AliveAsync(database, observer, orphans)).Count != orphans.Count)
            {
                ward.Findings.Note($"{database.Name} itself ended statements of the dead process");
            }

            var started = TimeProvider.System.GetTimestamp();
            await deployment.Nodes[0].StartAsync();
            await UntilTheyAreGoneAsync(ward, deployment, database, observer, orphans, accounts, started);
        }

        await ward.CompareAsync(deployment, accounts);
        await ward.Judgement(deployment).RunAsync(ledger);
    }

    /// <summary>On MariaDB the first that waits holds the others up before they send anything.</summary>
    private static async Task<IReadOnlyList<string>> UntilTheyWaitAsync(Database database, SqlSession observer, int count)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var waiting = await AccountLock.WaitersAsync(database, observer);
            if (waiting.Count >= count)
            {
                return waiting;
            }

            if (TimeProvider.System.GetElapsedTime(started) > FenceLimit)
            {
                throw new InvalidOperationException($"{database.Name}: {waiting.Count} of {count} statements came to wait for the lock");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private static async Task UntilTheyAreGoneAsync(
        Ward ward, Deployment deployment, Database database, SqlSession observer, IReadOnlyList<string> orphans, IReadOnlyList<Account> accounts, long started)
    {
        while (true)
        {
            // In this order: what is decided now was so while the orphans were still there.
            var decided = await DecidedAsync(deployment, accounts);
            var alive = await AccountLock.AliveAsync(database, observer, orphans);
            if (alive.Count == 0)
            {
                orphans.ToList().ForEach(_ => ward.Findings.HappenedOnce());
                ward.Findings.Note($"{database.Name}: {orphans.Count} ended {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s after the kill");
                return;
            }

            if (decided > 0 && alive.Count == orphans.Count)
            {
                ward.Findings.Lie($"{database.Name}: {decided} resets have ended while all {alive.Count} statements of the dead process can still land");
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > FenceLimit)
            {
                ward.Findings.Fault($"{database.Name}: {alive.Count} statements of the dead process are still there {FenceLimit.TotalSeconds} s after the kill");
                return;
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private static async Task<int> DecidedAsync(Deployment deployment, IReadOnlyList<Account> accounts)
    {
        var answer = await deployment.Api(0).GetAsync($"/api/v1/resets?instance={accounts[0].Instance}&limit=200");
        return answer.Body["resets"]!.AsArray().Count(reset => (int)reset!["version"]! > 1 && reset["state"]!.ToString() is "done" or "failed");
    }
}
