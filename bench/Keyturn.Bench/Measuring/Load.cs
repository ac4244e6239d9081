using System.Diagnostics;

namespace Keyturn.Bench;

/// <summary>What one cell measured.</summary>
/// <param name="P50">Median latency of one operation, in milliseconds.</param>
/// <param name="P99">Of a hundred operations, the one that took longest.</param>
/// <param name="PerSecond">Operations of all callers together.</param>
internal sealed record Measured(double P50, double P99, double PerSecond);

/// <summary>A closed loop: each caller starts its next operation when the last one has ended.</summary>
internal static class Load
{
    /// <summary>Runs <paramref name="operation"/> (given the caller's number) for about <paramref name="time"/>.</summary>
    public static async Task<Measured> RunAsync(int callers, TimeSpan time, Func<int, Task> operation)
    {
        var latencies = new List<double>[callers];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            var mine = latencies[caller] = [];
            do
            {
                var start = Stopwatch.GetTimestamp();
                await operation(caller);
                mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            while (watch.Elapsed < time);
        }));
        var elapsed = watch.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(mine => mine).Order().ToList();
        return new Measured(all[all.Count / 2], all[all.Count * 99 / 100], all.Count / elapsed);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
