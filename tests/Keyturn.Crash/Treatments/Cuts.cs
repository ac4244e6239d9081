using Keyturn.Crash.Lab;
using Keyturn.Crash.Network;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>Breaks every connection between Keyturn and the servers, again and again, in a storm.</summary>
internal static class Cuts
{
    private const int DoneBetween = 8;
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(300);

    public static async Task RunAsync(Ward ward)
    {
        await using var deployment = ward.Campaign.Deploy();
        await deployment.OpenAsync();
        var cutters = new List<Cutter>();
        try
        {
            foreach (var database in ward.Campaign.Databases)
            {
                var cutter = new Cutter(database.Server.Host, database.Server.Port);
                cutters.Add(cutter);
                await deployment.AddAsync(database, ward.Options.OwnAccounts, cutter.Port);
            }

            var ledger = new Ledger();
            using var end = new CancellationTokenSource(ward.Options.Storm * 2);
            var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
            await Task.WhenAll(cutters.Zip(ward.Campaign.Databases, (cutter, database) => CutAsync(ward, cutter, database, ledger, end.Token)));
            await storm;
            await ward.CompareAsync(deployment);
            await ward.Judgement(deployment).RunAsync(ledger);
        }
        finally
        {
            foreach (var cutter in cutters)
            {
                await cutter.DisposeAsync();
            }
        }
    }

    private static async Task CutAsync(Ward ward, Cutter cutter, Database database, Ledger ledger, CancellationToken end)
    {
        var kinds = Enum.GetValues<Cut>();
        while (!end.IsCancellationRequested)
        {
            // On a slow machine, too, there are changes under way to cut: some have been done since the last time.
            await ledger.UntilDoneAsync(database, DoneBetween, end);
            await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System, CancellationToken.None);
            await cutter.CutAsync(kinds[ward.Seeded.Next(kinds.Length)], ward.Seeded.Between(Soonest, Latest));
            ward.Findings.HappenedOnce();
        }
    }
}
