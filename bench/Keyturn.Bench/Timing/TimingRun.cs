using System.Diagnostics;

namespace Keyturn.Bench;

/// <summary>Asks all pairs by turns, in an order that the seed decides, so that whatever else the machine does happens to all of them.</summary>
internal static class TimingRun
{
    /// <summary>The runtime still compiles what it finds to be used often.</summary>
    private const int WarmUpRounds = 5;

    /// <param name="pairs">The pairs.</param>
    /// <param name="rounds">How often.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="afterRoundAsync">Has Keyturn forget the wrong passwords of a round: it would make the next ones wait.</param>
    public static async Task<IReadOnlyList<TimingRow>> MeasureAsync(IReadOnlyList<TimingPair> pairs, int rounds, int seed, Func<Task> afterRoundAsync)
    {
#pragma warning disable CA5394, RS0030 // An order is no secret, and has to come again with its seed.
        var random = new Random(seed);
        var rows = pairs.Select(pair => (Pair: pair, Times: new List<double>[] { [], [], [] })).ToArray();
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            random.Shuffle(rows);
            foreach (var (pair, times) in rows.Where(row => round < 0 || round % row.Pair.Every == 0))
            {
                var order = new[] { 0, 1, 2 };
                random.Shuffle(order);
                var answers = new TimedAnswer[3];
                foreach (var which in order)
                {
                    var start = Stopwatch.GetTimestamp();
                    answers[which] = await (which == 2 ? pair.NotThere() : pair.There());
                    if (round >= 0)
                    {
                        times[which].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    }
                }

                if (answers[0] != answers[2] || answers[0].Status == 429)
                {
                    throw new InvalidOperationException($"{pair.Subject}, {pair.What}: {answers[0]} and {answers[2]}");
                }
            }

            await afterRoundAsync();
        }

        return [.. pairs.Select(pair => rows.Single(row => row.Pair == pair)).Select(row => new TimingRow(row.Pair, row.Times[0], row.Times[1], row.Times[2]))];
    }
}
