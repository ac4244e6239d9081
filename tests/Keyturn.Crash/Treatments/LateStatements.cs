using Keyturn.Crash.Network;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>
/// What a killed Keyturn had sent is still on its way, and arrives when everything has been decided, and each account has been reset once
/// more. It must arrive at a session that is over.
/// </summary>
internal static class LateStatements
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(600);

    /// <summary>For callers to come as far as they can while nothing arrives, and for servers to run what has arrived.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(700);

    public static async Task RunAsync(Ward ward)
    {
        await using var deployment = ward.Campaign.Deploy();
        await deployment.OpenAsync();
        var cutters = new List<Cutter>();
        try
        {
            foreach (var database in ward.Campaign.Databases)
            {
                cutters.Add(new Cutter(database.Server.Host, database.Server.Port));
                await deployment.AddAsync(database, Storm.CallersPerDatabase, cutters[^1].Port);
            }

            var (late, ended) = (0, 0);
            for (var round = 0; round < ward.Options.Rounds; round++)
            {
                foreach (var delivered in await KillWithStatementsOnTheirWayAsync(ward, deployment, cutters))
                {
                    (late, ended) = (late + delivered.Late, ended + delivered.Ended);
                }

                ward.Findings.HappenedOnce();
            }

            ward.Findings.Note($"{late} connections had something on its way, of which Keyturn had ended {ended}; the others had read only");
            if (ended == 0)
            {
                ward.Findings.Fault("No change was on its way when Keyturn died, so that nothing was shown.");
            }
        }
        finally
        {
            foreach (var cutter in cutters)
            {
                await cutter.DisposeAsync();
            }
        }
    }

    private static async Task<List<(int Late, int Ended)>> KillWithStatementsOnTheirWayAsync(Ward ward, Deployment deployment, List<Cutter> cutters)
    {
        var ledger = new Ledger();
        using var end = new CancellationTokenSource();
        var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
        await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
        await Task.Delay(ward.Seeded.Between(Soonest, Latest), TimeProvider.System);
        var held = cutters.Select(cutter => cutter.Hold()).ToList();
        await Task.Delay(Pause, TimeProvider.System);
        await deployment.Nodes[0].KillAsync();
        await end.CancelAsync();
        await storm;

        await deployment.Nodes[0].StartAsync();
        await ward.CompareAsync(deployment);
        await Task.WhenAll(deployment.Accounts.Select((account, number) => new Caller(deployment, number, ledger, ward.Seeded).ResetAsync(account, mayLogIn: false)));
        await ward.CompareAsync(deployment);
        var delivered = held.ConvertAll(links => links.Deliver());
        await Task.Delay(Pause, TimeProvider.System);
        await ward.CompareAsync(deployment);
        await ward.Judgement(deployment).RunAsync(ledger);
        return delivered;
    }
}
