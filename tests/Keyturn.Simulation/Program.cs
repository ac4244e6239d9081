using System.Diagnostics;

namespace Keyturn.Simulation;

/// <summary>
/// <c>Keyturn.Simulation [--histories N] [--seed S] [--mutation NAME] [--trace]</c>: runs the histories S, S+1, … and says what they met. A
/// single one (<c>--histories 1</c>) is told line by line with <c>--trace</c>.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var histories = int.Parse(Option("--histories") ?? "100000");
        var seed = ulong.Parse(Option("--seed") ?? "1");
        var broken = Enum.Parse<Mutation>(Option("--mutation") ?? nameof(Mutation.None), ignoreCase: true);
        if (arguments.Contains("--trace"))
        {
            Tell(HistoryArbitrary.Make(seed), broken);
        }

        if (arguments.Contains("--twice"))
        {
            Console.WriteLine(Campaign.FindUnsteady(seed, histories));
            Tell(HistoryArbitrary.Make(seed), broken);
            Console.WriteLine("=====");
            Tell(HistoryArbitrary.Make(seed), broken);
            return 0;
        }

        var started = Stopwatch.GetTimestamp();
        var (coverage, failing) = Campaign.Run(seed, histories, broken);
        coverage.Print(Console.Out);
        Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        if (failing is null)
        {
            Console.WriteLine("every promise was kept");
            return 0;
        }

        Console.WriteLine($"\nfailing seed {failing.Number}: {failing.Violation}");
        Console.WriteLine($"replay: script/simulate --histories 1 --seed {failing.Number} --trace");
        Console.WriteLine("\nthe smallest history that breaks the same promise:");
        Tell(failing.Smallest, broken);
        return 1;

        string? Option(string name) => Array.IndexOf(arguments, name) is var index and >= 0 ? arguments[index + 1] : null;
    }

    private static void Tell(History history, Mutation broken)
    {
        var trace = new List<string>();
        var result = HistoryRun.Run(history, broken, new Coverage(), trace);
        Console.WriteLine(history);
        trace.ForEach(Console.WriteLine);
        Console.WriteLine($"fingerprint {result.Fingerprint:x16}: {result.Violation?.ToString() ?? "every promise was kept"}");
    }
}
