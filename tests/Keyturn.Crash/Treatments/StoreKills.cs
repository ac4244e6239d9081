using Keyturn.Crash.Lab;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>The machines of the store's own database die, stand still, or lose what governs them. Nothing is lost, and it goes on.</summary>
internal static class StoreKills
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(3000);

    /// <summary>In which Patroni sees that a standby is gone, and what was prepared before is finished.</summary>
    private static readonly TimeSpan UntilNothingIsWritten = TimeSpan.FromSeconds(3);

    /// <summary>Callers whose prepare is waiting for a standby are told only when its time is over, and ask again then.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(15);

    public static Task KillPrimaryAsync(Ward ward) => RunAsync(ward, async (_, cluster) =>
    {
        var primary = await cluster.PrimaryAsync();
        await cluster.KillAsync(primary);
        await cluster.SuccessorAsync(primary);
        await Task.Delay(ward.Options.Storm, TimeProvider.System);
        await cluster.StartAsync(primary);
    });

    public static Task FreezePrimaryAsync(Ward ward) => RunAsync(ward, async (_, cluster) =>
    {
        var primary = await cluster.PrimaryAsync();
        await cluster.FreezeAsync(primary);
        await cluster.SuccessorAsync(primary);
        await Task.Delay(ward.Options.Storm, TimeProvider.System);
        await cluster.WakeAsync(primary);
        await Task.Delay(ward.Options.Storm, TimeProvider.System);
    });

    /// <summary>The former primary goes on answering, and nobody follows it.</summary>
    public static Task OrphanPrimaryAsync(Ward ward) => RunAsync(ward, async (_, cluster) =>
    {
        var primary = await cluster.PrimaryAsync();
        await cluster.KillPatroniAsync(primary);
        await cluster.SuccessorAsync(primary);
        await Task.Delay(ward.Options.Storm * 2, TimeProvider.System);
        await cluster.StartAsync(primary);
    });

    /// <summary>Without a standby nothing can be stored durably: every reset is refused, and nothing is changed.</summary>
    public static Task TakeStandbysAwayAsync(Ward ward) => RunAsync(ward, async (ledger, cluster) =>
    {
        var primary = await cluster.PrimaryAsync();
        var standbys = cluster.Names.Where(name => name != primary).ToArray();
        await cluster.KillAsync(standbys);
        await Task.Delay(UntilNothingIsWritten, TimeProvider.System);
        var away = TimeProvider.System.GetTimestamp();
        await Task.Delay(Away, TimeProvider.System);
        var calls = ledger.Calls.Where(call => call.Sent > away).ToList();
        var refused = calls.Count(call => call is { Told: Told.Unchanged, Status: 503 } && call.Problem?.Contains("store-failed", StringComparison.Ordinal) == true);
        if (refused == 0 || calls.Exists(call => call.Told == Told.Done))
        {
            ward.Findings.Fault($"Without a standby {refused} of {calls.Count} calls were refused, and {calls.Count(call => call.Told == Told.Done)} were told done.");
        }

        ward.Findings.Note($"{refused} of {calls.Count} refused: store not replicated, nothing changed");
        await cluster.StartAsync(standbys);
    });

    private static async Task RunAsync(Ward ward, Func<Ledger, StoreCluster, Task> treatAsync)
    {
        var deployment = await ward.Campaign.MainAsync();
        var cluster = ward.Campaign.Cluster;
        for (var round = 0; round < ward.Options.Rounds; round++)
        {
            await cluster.UntilWholeAsync();
            await ward.StormAsync(deployment, async ledger =>
            {
                await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
                await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
                await treatAsync(ledger, cluster);
                ward.Findings.HappenedOnce();
                await cluster.UntilWholeAsync();
                await GoesOnAsync(ward, ledger);
            });
        }
    }

    /// <summary>Callers are told done again.</summary>
    private static async Task GoesOnAsync(Ward ward, Ledger ledger)
    {
        var whole = TimeProvider.System.GetTimestamp();
        do
        {
            await Task.Delay(ward.Options.Storm, TimeProvider.System);
            if (ledger.Calls.Any(call => call.Told == Told.Done && call.Sent > whole))
            {
                return;
            }
        }
        while (TimeProvider.System.GetElapsedTime(whole) < ward.Options.SettleLimit);
        ward.Findings.Fault($"No reset was done in the {ward.Options.SettleLimit.TotalSeconds} s after the store's database was whole again.");
    }
}
