using System.Collections.Concurrent;

namespace Keyturn.Simulation;

/// <summary>What many histories came to.</summary>
/// <param name="Coverage">What they met.</param>
/// <param name="Failing">The seed of one that broke a promise; null if none did.</param>
internal sealed record CampaignResult(Coverage Coverage, ulong? Failing);

/// <summary>Runs many histories on all processors, until one fails.</summary>
internal static class Campaign
{
    private const int MostShrinks = 3_000;

    /// <summary>Runs the histories <paramref name="first"/>, <paramref name="first"/> + 1, …</summary>
    public static CampaignResult Run(ulong first, int histories, Mutation broken = Mutation.None)
    {
        var (total, failed, next) = (new Coverage(), new ConcurrentBag<ulong>(), -1);
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            var coverage = new Coverage();
            while (failed.IsEmpty && Interlocked.Increment(ref next) is var index && index < histories)
            {
                if (HistoryRun.Run(HistoryArbitrary.Make(first + (ulong)index), broken, coverage).Violation is not null)
                {
                    failed.Add(first + (ulong)index);
                }
            }

            lock (total)
            {
                total.Add(coverage);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return new CampaignResult(total, failed.IsEmpty ? null : failed.Min());
    }

    /// <summary>The smallest history found that breaks the same promise.</summary>
    public static History Shrink(ulong failing, Mutation broken = Mutation.None)
    {
        var smallest = HistoryArbitrary.Make(failing);
        var promise = BrokenBy(smallest);
        var tries = 0;
        while (HistoryArbitrary.Instance.Shrinker(smallest).TakeWhile(_ => tries++ < MostShrinks).FirstOrDefault(history => BrokenBy(history) == promise) is { } smaller)
        {
            smallest = smaller;
        }

        return smallest;

        Promise? BrokenBy(History history) => HistoryRun.Run(history, broken, new Coverage()).Violation?.Promise;
    }

    /// <summary>A history and its run, line by line.</summary>
    public static string Tell(History history, Mutation broken = Mutation.None)
    {
        var trace = new List<string>();
        var result = HistoryRun.Run(history, broken, new Coverage(), trace);
        return string.Join('\n', [$"{history}", .. trace, $"fingerprint {result.Fingerprint:x16}: {result.Violation?.ToString() ?? "every promise was kept"}"]);
    }

    /// <summary>What to do with a seed that failed.</summary>
    public static string TellFailing(ulong failing, Mutation broken = Mutation.None) => $"""
        failing seed {failing}: {HistoryRun.Run(HistoryArbitrary.Make(failing), broken, new Coverage()).Violation}
        replay: script/simulate --seed {failing} --histories 1 --trace

        the smallest history that breaks the same promise:
        {Tell(Shrink(failing, broken), broken)}
        """;
}
