using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>The store's disk is full in a storm; Keyturn is killed meanwhile. Resets are refused clearly, and go on when there is room again.</summary>
internal static class FullDisk
{
    public static async Task RunAsync(Ward ward)
    {
        await using var room = await StoreRoom.MakeAsync(ward.Campaign.NewFolder());
        await using var deployment = ward.Campaign.Deploy(room.Folder, plan => plan with { Before = room.Before });
        await deployment.OpenAsync();
        foreach (var database in ward.Campaign.Databases)
        {
            await deployment.AddAsync(database, Storm.CallersPerDatabase);
        }

        ward.Findings.Note(room.Kind);
        var judgement = ward.Judgement(deployment);
        var node = deployment.Nodes[0];
        for (var round = 0; round < ward.Options.Rounds; round++)
        {
            var ledger = new Ledger();
            using var end = new CancellationTokenSource();
            var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
            await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
            await room.FillAsync(node.ProcessId);
            await Task.Delay(ward.Options.Storm, TimeProvider.System);
            var refused = ledger.Calls.Where(call => call is { Told: Told.Unchanged, Status: 503 }).ToList();
            var isKilled = round % 2 == 1;
            if (isKilled)
            {
                await node.KillAsync();
            }

            await room.FreeAsync(node.ProcessId);
            var freed = TimeProvider.System.GetTimestamp();
            await (isKilled ? node.StartAsync() : Task.Delay(ward.Options.Storm, TimeProvider.System));
            await end.CancelAsync();
            await storm;
            await ward.CompareAsync(deployment);
            await judgement.RunAsync(ledger);
            ward.Findings.HappenedOnce();
            if (refused.Count == 0 || refused.Exists(call => call.Problem?.Contains("store-failed", StringComparison.Ordinal) != true))
            {
                ward.Findings.Fault($"Of {ledger.Calls.Count} calls on a full disk {refused.Count} were refused, not all as store-failed.");
            }

            if (!isKilled && !ledger.Calls.Any(call => call.Told == Told.Done && call.Sent > freed))
            {
                ward.Findings.Fault("No reset was done when there was room again.");
            }
        }
    }
}
