using System.Globalization;

namespace Keyturn.Bench;

/// <summary><c>script/timing</c>: can be told by the time of an answer what the answer does not tell?</summary>
internal static class TimingCommand
{
    public const string Usage = "usage: Keyturn.Bench timing KEYTURN LAB_JSON FOLDER ROUNDS SEED PART…";

    private static readonly Visitor[] Visitors = [new("another project's owner", IsOfOtherProject: true), new("a principal of the project, limited", IsOfOtherProject: false)];

    /// <returns>1 when a pair was told apart.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var program, var labPath, var folder, var rounds, var seed, .. var parts] || parts.Length == 0)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 1;
        }

        var lab = BenchLab.Read(labPath);
        var store = await KeyturnStore.CreateAsync(program, Path.Combine(folder, "timing"));
        await using var world = await TimingWorld.StartAsync(store, lab.Servers.Where(server => server.Value.Skipped is null).ToDictionary(), await lab.CaPemAsync());
        var pairs = new List<TimingPair>();
        if (parts.Contains("instances"))
        {
            foreach (var visitor in Visitors)
            {
                pairs.AddRange(await world.HiddenInstancesAsync(visitor));
            }
        }

        pairs.AddRange(parts.Contains("checks") ? world.Checks() : []);
        pairs.AddRange(parts.Contains("sign-ins") ? await world.SignInsAsync() : []);
        await world.ForgetGuessesAsync();
        var rows = await TimingRun.MeasureAsync(pairs, int.Parse(rounds, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), world.ForgetGuessesAsync);
        Console.WriteLine(TimingRow.Header);
        foreach (var row in rows)
        {
            Console.WriteLine(row);
        }

        return rows.Any(row => row.IsToldApart) ? 1 : 0;
    }
}
