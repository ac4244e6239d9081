using System.Diagnostics;

namespace Keyturn.Simulation;

/// <summary>See <c>script/simulate --help</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var histories = int.Parse(Option("--histories") ?? "100000");
        var seed = ulong.Parse(Option("--seed") ?? "1");
        var broken = Enum.Parse<Mutation>(Option("--mutation") ?? nameof(Mutation.None), ignoreCase: true);
        if (arguments.Contains("--trace"))
        {
            Console.WriteLine(Campaign.Tell(HistoryArbitrary.Make(seed), broken));
        }

        var started = Stopwatch.GetTimestamp();
        var result = Campaign.Run(seed, histories, broken);
        result.Coverage.Print(Console.Out);
        Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        if (result.Failing is not { } failing)
        {
            Console.WriteLine("every promise was kept");
            return 0;
        }

        Console.WriteLine();
        Console.WriteLine(Campaign.TellFailing(failing, broken));
        return 1;

        string? Option(string name) => Array.IndexOf(arguments, name) is var index and >= 0 ? arguments[index + 1] : null;
    }
}
