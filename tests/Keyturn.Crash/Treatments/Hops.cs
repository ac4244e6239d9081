using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;
using Keyturn.Resets;

namespace Keyturn.Crash.Treatments;

/// <summary>Stops every reset of a storm at one hop, kills Keyturn there, starts it again, and compares.</summary>
internal static class Hops
{
    public static async Task RunAsync(Ward ward)
    {
        var deployment = await ward.Campaign.MainAsync();
        var judgement = ward.Judgement(deployment);
        foreach (var hop in Enum.GetValues<Hop>())
        {
            // Only Redis writes out what it was told. Each caller stops at its first account: there is no second.
            var accounts = deployment.Accounts
                .Where(account => hop != Hop.Persisted || !account.Database.IsSql)
                .GroupBy(account => account.Database)
                .SelectMany(one => one.Take(Storm.CallersPerDatabase))
                .ToList();
            if (accounts.Count > 0)
            {
                await StopAndKillAsync(ward, deployment, hop, accounts, judgement.RunAsync);
            }
        }
    }

    private static async Task StopAndKillAsync(Ward ward, Deployment deployment, Hop hop, List<Account> accounts, Func<Ledger, bool, Task> judgeAsync)
    {
        var node = deployment.Nodes[0];
        await node.KillAsync();
        var before = node.Paused(hop.ToString());
        await node.StartAsync(hop.ToString());

        var ledger = new Ledger();
        using var end = new CancellationTokenSource();
        var storm = ward.Storm(deployment, ledger).RunAsync(accounts, end.Token);
        await node.UntilPausedAsync(hop.ToString(), accounts.Count, before);
        await node.KillAsync();
        await end.CancelAsync();
        await storm;

        await node.StartAsync();
        await ward.CompareAsync(deployment, accounts);
        await judgeAsync(ledger, false);
        ward.Findings.HappenedOnce();
    }
}
