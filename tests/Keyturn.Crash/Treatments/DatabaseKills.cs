using Keyturn.Crash.Lab;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>Kills each server in a storm and starts it again. What was told unchanged while it was down must not come about later.</summary>
internal static class DatabaseKills
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(1000);

    public static async Task RunAsync(Ward ward)
    {
        var deployment = await ward.Campaign.MainAsync();
        var judgement = ward.Judgement(deployment);
        for (var round = 0; round < ward.Options.Rounds; round++)
        {
            var ledger = new Ledger();
            using var end = new CancellationTokenSource();
            var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
            await Task.WhenAll(ward.Campaign.Databases.Select(database => KillAsync(ward, database)));
            await Database.StartAsync(ward.Campaign.Databases);
            await Task.Delay(ward.Options.Storm, TimeProvider.System);
            await end.CancelAsync();
            await storm;
            await ward.CompareAsync(deployment);
            await judgement.RunAsync(ledger, again: true);
            await Task.Delay(ward.Options.Later, TimeProvider.System);
            await ward.CompareAsync(deployment);
            await judgement.RunAsync(ledger);
        }

        if (ward.Findings.Unchanged == 0)
        {
            ward.Findings.Fault("No call was refused, so that the servers cannot have been away.");
        }
    }

    private static async Task KillAsync(Ward ward, Database database)
    {
        await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
        await database.KillAsync();
        ward.Findings.HappenedOnce();
    }
}
