using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>Kills Keyturn in a storm at a random moment, starts it again, and compares every account at once.</summary>
internal static class Kills
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(1500);

    public static async Task RunAsync(Ward ward)
    {
        var deployment = await ward.Campaign.MainAsync();
        var judgement = ward.Judgement(deployment);
        for (var kill = 0; kill < ward.Options.Kills; kill++)
        {
            var ledger = new Ledger();
            using var end = new CancellationTokenSource();
            var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);

            // One kill in four finds Keyturn with its sessions still opening.
            await (ward.Seeded.Next(4) == 0 ? Task.CompletedTask : ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count));
            await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
            var node = deployment.Nodes[ward.Seeded.Next(deployment.Nodes.Count)];
            await node.KillAsync();
            await end.CancelAsync();
            await storm;
            await node.StartAsync();
            await ward.CompareAsync(deployment);
            await judgement.RunAsync(ledger);
            ward.Findings.HappenedOnce();
        }
    }
}
