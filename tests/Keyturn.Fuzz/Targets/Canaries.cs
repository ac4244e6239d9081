namespace Keyturn.Fuzz.Targets;

/// <summary>Readers with the faults that the fuzzer is for. Each must be found: <c>script/fuzz --canaries</c>.</summary>
internal static class Canaries
{
    /// <summary>The one whose fault is found only by who sees how far an input gets.</summary>
    public const string Ladder = "canary-ladder";

    /// <summary>Enough for each of them with guidance; the ladder, rung by rung, takes some 20⁷ without.</summary>
    public const long MostInputs = 30_000;

    private static readonly List<byte[]> Held = [];

    public static IEnumerable<FuzzTarget> All() =>
    [
        new TextTarget("canary-exception", input => input is [_, (byte)'X', ..] ? throw new InvalidOperationException("of the canary") : $"{input.Length}", "X") { MaxLength = 256 },
        new TextTarget("canary-memory", input => input is [_, _, (byte)'M', ..] ? Hold() : $"{input.Length}", "M") { MaxLength = 256 },
        new TextTarget("canary-hang", input => input is [(byte)'H', ..] ? Spin() : $"{input.Length}", "H") { MaxLength = 256 },
        new TextTarget(Ladder, Climb, "K", "e", "y", "t", "u", "r", "n") { MaxLength = 256 },
        new TextTarget("canary-stack", input => $"{Nest(input, 0)}", "[") { MaxLength = 1024 * 1024 },
    ];

    /// <summary>Says the same whichever rung an input reaches.</summary>
    private static string Climb(byte[] input) => input is [(byte)'K', (byte)'e', (byte)'y', (byte)'t', (byte)'u', (byte)'r', (byte)'n', ..] ? throw new InvalidOperationException("at the top of the ladder") : "below";

    private static string Hold()
    {
        Held.Clear();
        Held.Add(new byte[80 << 20]);
        return "held";
    }

    private static string Spin()
    {
        for (var times = 0UL; ; times++)
        {
            if (times == ulong.MaxValue)
            {
                return "never";
            }
        }
    }

    /// <summary>A reader by recursion without a limit.</summary>
    private static int Nest(byte[] input, int at) => at < input.Length && input[at] == '[' ? Nest(input, at + 1) + 1 : 0;
}
