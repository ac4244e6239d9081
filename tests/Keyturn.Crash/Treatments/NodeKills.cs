using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;
using Keyturn.Resets;

namespace Keyturn.Crash.Treatments;

/// <summary>Nodes that share a store are killed, one after the other or all at once, or stand still for longer than their leases. The others go on.</summary>
internal static class NodeKills
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(2000);

    /// <summary>Longer than a lease, so that others have taken over what the frozen node had begun.</summary>
    private static readonly TimeSpan Frozen = Resetter.Lease + TimeSpan.FromSeconds(10);

    public static Task KillAsync(Ward ward) => RunAsync(ward, async (deployment, ledger) =>
    {
        for (var kill = 0; kill < Math.Max(1, ward.Options.Kills / ward.Options.Rounds); kill++)
        {
            await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
            var killed = deployment.Nodes[ward.Seeded.Next(deployment.Nodes.Count)];
            await killed.KillAsync();
            ward.Findings.HappenedOnce();
            await ward.GlanceAsync(deployment);
            await killed.StartAsync();
        }
    });

    public static Task KillAllAsync(Ward ward) => RunAsync(ward, async (deployment, ledger) =>
    {
        await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
        await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
        await Task.WhenAll(deployment.Nodes.Select(node => node.KillAsync()));
        ward.Findings.HappenedOnce();
        await Task.WhenAll(deployment.Nodes.Select(node => node.StartAsync()));
        await ward.GlanceAsync(deployment);
    });

    public static Task FreezeAsync(Ward ward) => RunAsync(ward, async (deployment, ledger) =>
    {
        await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
        await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
        var node = deployment.Nodes[ward.Seeded.Next(deployment.Nodes.Count)];
        await node.FreezeAsync();
        await ward.GlanceAsync(deployment);
        await Task.Delay(Frozen, TimeProvider.System);
        await ward.GlanceAsync(deployment);
        await node.WakeAsync();
        ward.Findings.HappenedOnce();
        await Task.Delay(ward.Options.Storm, TimeProvider.System);
    });

    private static async Task RunAsync(Ward ward, Func<Deployment, Ledger, Task> treatAsync)
    {
        var deployment = await ward.Campaign.MainAsync();
        for (var round = 0; round < ward.Options.Rounds; round++)
        {
            await ward.StormAsync(deployment, ledger => treatAsync(deployment, ledger));
        }
    }
}
