using Keyturn.Crash.Nodes;
using Keyturn.Crash.Reports;

namespace Keyturn.Crash.Storms;

/// <summary>Callers that ask for one reset after the other, each of accounts of its own.</summary>
internal sealed class Storm(Deployment deployment, Ledger ledger, Findings findings, Seeded seeded)
{
    public const int CallersPerDatabase = 32;

    /// <summary>A caller that was refused asks again, but not in a hot loop.</summary>
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until <paramref name="end"/> and all answers are in. A caller whose server is gone leaves.</summary>
    public Task RunAsync(IReadOnlyList<Account> accounts, CancellationToken end, int callers = CallersPerDatabase) => Task.WhenAll(
        from database in accounts.GroupBy(account => account.Database)
        from number in Enumerable.Range(0, callers)
        let mine = database.Where((_, index) => index % callers == number).ToList()
        where mine.Count > 0
        select CallAsync(number, mine, end));

    private async Task CallAsync(int number, List<Account> mine, CancellationToken end)
    {
        var caller = new Caller(deployment, number, ledger, seeded)
        {
            Refuted = (call, login) => findings.Lie($"{call.Account}: reset {call.ResetId} was told done, and a login at once with its password gave {login}"),
        };
        while (!end.IsCancellationRequested)
        {
            var call = await caller.ResetAsync(mine[seeded.Next(mine.Count)], mayLogIn: true);
            if (call.Told == Told.Nothing && !deployment.Nodes.Any(node => node.IsRunning))
            {
                return;
            }

            if (call.Told is Told.Unchanged or Told.Nothing)
            {
                await Task.Delay(AfterRefusal, TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
