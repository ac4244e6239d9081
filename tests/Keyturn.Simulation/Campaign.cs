using System.Collections.Concurrent;

namespace Keyturn.Simulation;

/// <summary>A history that broke a promise.</summary>
/// <param name="Number">Its name: what <c>script/simulate --seed</c> takes.</param>
/// <param name="Violation">What it broke.</param>
/// <param name="Smallest">The smallest history found that breaks the same promise.</param>
internal sealed record Failing(ulong Number, Violation Violation, History Smallest);

/// <summary>Runs many histories on all processors, and makes the first one that fails as small as it can.</summary>
internal static class Campaign
{
    private const int MostShrinks = 3_000;

    public static (Coverage Coverage, Failing? Failing) Run(ulong first, int histories, Mutation broken = Mutation.None)
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
        return (total, failed.IsEmpty ? null : Shrink(failed.Min(), broken));
    }

    /// <summary>The first history that does not run twice the same way; null if all do.</summary>
    public static ulong? FindUnsteady(ulong first, int histories)
    {
        for (var number = first; number < first + (ulong)histories; number++)
        {
            var history = HistoryArbitrary.Make(number);
            if (HistoryRun.Run(history, Mutation.None, new Coverage()) != HistoryRun.Run(history, Mutation.None, new Coverage()))
            {
                return number;
            }
        }

        return null;
    }

    private static Failing Shrink(ulong number, Mutation broken)
    {
        var smallest = HistoryArbitrary.Make(number);
        var violation = HistoryRun.Run(smallest, broken, new Coverage()).Violation!;
        var tries = 0;
        while (HistoryArbitrary.Instance.Shrinker(smallest).TakeWhile(_ => tries++ < MostShrinks).FirstOrDefault(StillFails) is { } smaller)
        {
            smallest = smaller;
        }

        return new Failing(number, violation, smallest);

        bool StillFails(History history) => HistoryRun.Run(history, broken, new Coverage()).Violation?.Promise == violation.Promise;
    }
}
