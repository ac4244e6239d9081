using Keyturn.Crash.Lab;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>
/// One account's row is locked, and resets of it wait. How long do resets of others take, on that server and on the others, beside a bare
/// session that does the same statement?
/// </summary>
internal static class LockedRow
{
    private const int CallersPerDatabase = 2;

    /// <summary>What two cores shared with a storm may add to the longest of many; the peer's delay was 13 s of 15.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan BetweenBare = TimeSpan.FromMilliseconds(50);

    public static Task PostgreSqlAsync(Ward ward) => RunAsync(ward, "postgresql");

    public static Task MariaDbAsync(Ward ward) => RunAsync(ward, "mariadb");

    /// <summary>The longest reset of each server, and the longest statement of the bare session.</summary>
    private sealed record Measured(Dictionary<string, TimeSpan> Longest, TimeSpan Bare);

    private static async Task RunAsync(Ward ward, string engine)
    {
        var deployment = await ward.Campaign.MainAsync();
        if (deployment.Accounts.FirstOrDefault(account => account.Database.Engine == engine) is not { } locked)
        {
            ward.Findings.Skipped = $"{engine} is not there";
            return;
        }

        var ledger = new Ledger();
        var others = deployment.Accounts.Where(account => account != locked).ToList();
        await using var bare = await BareAccount.MakeAsync(locked.Database);

        // The first measure warms both up, and is thrown away.
        await MeasureAsync(ward, deployment, others, bare, ledger, TimeSpan.FromSeconds(1));
        var free = await MeasureAsync(ward, deployment, others, bare, ledger, ward.Options.Lock / 3);
        var holder = await AccountLock.TakeAsync(locked.Database, [locked]);
        var waiting = new Caller(deployment, 0, ledger, ward.Seeded).ResetAsync(locked, mayLogIn: false);
        var unlocking = UnlockAsync(holder, ward.Options.Lock);
        var held = await MeasureAsync(ward, deployment, others, bare, ledger, ward.Options.Lock);
        await unlocking;
        await waiting;
        ward.Findings.HappenedOnce();
        Compare(ward, locked.Database, free, held);
        await ward.CompareAsync(deployment);
        await ward.Judgement(deployment).RunAsync(ledger);
    }

    private static void Compare(Ward ward, Database lockedOn, Measured free, Measured held)
    {
        foreach (var (server, longest) in held.Longest)
        {
            var (before, bare) = (free.Longest.GetValueOrDefault(server), server == lockedOn.Name ? held.Bare : TimeSpan.Zero);
            var beside = server == lockedOn.Name ? $", bare session {free.Bare.TotalMilliseconds:0} → {held.Bare.TotalMilliseconds:0} ms" : "";
            ward.Findings.Note($"others on {server}: longest {before.TotalMilliseconds:0} → {longest.TotalMilliseconds:0} ms{beside}");
            if (longest > before + bare + Noise)
            {
                ward.Findings.Fault($"{server}: a reset of another account took {longest.TotalMilliseconds:0} ms while a row was locked, {before.TotalMilliseconds:0} ms before, and a bare session {bare.TotalMilliseconds:0} ms");
            }
        }
    }

    private static async Task UnlockAsync(AccountLock holder, TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System);
        await holder.DisposeAsync();
    }

    private static async Task<Measured> MeasureAsync(
        Ward ward, Deployment deployment, List<Account> others, BareAccount bare, Ledger ledger, TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        var measuringBare = MeasureBareAsync(bare, end.Token);
        var longest = await Task.WhenAll(others.GroupBy(account => account.Database).Select(async database =>
        {
            var callers = Enumerable.Range(0, CallersPerDatabase)
                .Select(number => MeasureCallerAsync(ward, deployment, number, [.. database.Where((_, index) => index % CallersPerDatabase == number)], ledger, end.Token));
            return (database.Key.Name, Longest: (await Task.WhenAll(callers)).Max());
        }));
        return new Measured(longest.ToDictionary(one => one.Name, one => one.Longest), await measuringBare);
    }

    private static async Task<TimeSpan> MeasureCallerAsync(Ward ward, Deployment deployment, int number, List<Account> mine, Ledger ledger, CancellationToken end)
    {
        var caller = new Caller(deployment, number, ledger, ward.Seeded);
        var longest = TimeSpan.Zero;
        while (!end.IsCancellationRequested)
        {
            var call = await caller.ResetAsync(mine[ward.Seeded.Next(mine.Count)], mayLogIn: false);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, TimeProvider.System.GetElapsedTime(call.Sent, call.Ended).Ticks));
        }

        return longest;
    }

    private static async Task<TimeSpan> MeasureBareAsync(BareAccount bare, CancellationToken end)
    {
        var longest = TimeSpan.Zero;
        while (!end.IsCancellationRequested)
        {
            var started = TimeProvider.System.GetTimestamp();
            await bare.ResetAsync();
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, TimeProvider.System.GetElapsedTime(started).Ticks));
            await Task.Delay(BetweenBare, TimeProvider.System, CancellationToken.None);
        }

        return longest;
    }
}
