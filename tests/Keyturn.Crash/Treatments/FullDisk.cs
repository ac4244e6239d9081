using Keyturn.Crash.Judging;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;
using Keyturn.Resets;

namespace Keyturn.Crash.Treatments;

/// <summary>
/// The store's disk is full in a storm. Resets are refused clearly, and go on when there is room again. Those whose end could not be
/// written stay open until their lease is over, or Keyturn is started anew.
/// </summary>
internal static class FullDisk
{
    /// <summary>For the first refusal, and for the first success after it. The store's log may have room that it has taken before.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(Ward ward)
    {
        await using var room = await StoreRoom.MakeAsync(ward.Campaign.NewFolder());
        await using var deployment = ward.Campaign.Deploy(room.Folder, plan => plan with { Before = room.Before });
        await deployment.OpenAsync();
        foreach (var database in ward.Campaign.Databases)
        {
            // Each caller has one to go on with while the reset of another is open.
            await deployment.AddAsync(database, 2 * Storm.CallersPerDatabase);
        }

        ward.Findings.Note(room.Kind);
        for (var round = 0; round < ward.Options.Rounds; round++)
        {
            await FillAndFreeAsync(ward, deployment, room, (After)(round % 3));
        }
    }

    /// <summary>What follows a full disk.</summary>
    private enum After
    {
        /// <summary>There is room again, resets go on, then Keyturn is killed.</summary>
        GoneOnAndKilled,

        /// <summary>Keyturn is killed while the disk is full.</summary>
        Killed,

        /// <summary>There is room again, and resets go on.</summary>
        GoneOn,
    }

    private static async Task FillAndFreeAsync(Ward ward, Deployment deployment, StoreRoom room, After after)
    {
        var node = deployment.Nodes[0];
        var ledger = new Ledger();
        using var end = new CancellationTokenSource();
        var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
        await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
        await room.FillAsync(node.ProcessId);
        await ledger.UntilAsync(IsRefused, Limit);
        await Task.Delay(ward.Options.Storm, TimeProvider.System);
        var refused = ledger.Calls.Where(IsRefused).ToList();
        if (after == After.Killed)
        {
            await node.KillAsync();
        }

        await room.FreeAsync(node.ProcessId);
        var freed = TimeProvider.System.GetTimestamp();
        if (after != After.Killed)
        {
            await ledger.UntilAsync(HasGoneOn, Limit);
            await Task.Delay(ward.Options.Storm, TimeProvider.System);
        }

        if (after == After.GoneOnAndKilled)
        {
            await node.KillAsync();
        }

        await end.CancelAsync();
        await storm;
        if (after != After.GoneOn)
        {
            await node.StartAsync();
        }

        await new Comparison(deployment, ward.Findings).RunAsync(deployment.Accounts, ward.Options.SettleLimit + Resetter.Lease);
        await ward.Judgement(deployment).RunAsync(ledger);
        ward.Findings.HappenedOnce();
        if (refused.Count == 0 || refused.Exists(call => call.Problem?.Contains("store-failed", StringComparison.Ordinal) != true))
        {
            ward.Findings.Fault($"Of {ledger.Calls.Count} calls on a full disk {refused.Count} were refused, not all as store-failed.");
        }

        if (after != After.Killed && !ledger.Calls.Any(HasGoneOn))
        {
            ward.Findings.Fault($"No reset was done within {Limit.TotalSeconds} s after there was room again.");
        }

        static bool IsRefused(Call call) => call is { Told: Told.Unchanged, Status: 503 };
        bool HasGoneOn(Call call) => call.Told == Told.Done && call.Sent > freed;
    }
}
