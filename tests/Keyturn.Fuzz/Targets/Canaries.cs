namespace Keyturn.Fuzz.Targets;

/// <summary>Readers with the faults that the fuzzer is for. Each must be found: <c>script/fuzz --canaries</c>.</summary>
internal static class Canaries
{
    private static readonly List<byte[]> Held = [];

    public static IEnumerable<FuzzTarget> All() =>
    [
        new TextTarget("canary-exception", input => input is [_, (byte)'X', ..] ? throw new InvalidOperationException("of the canary") : $"{input.Length}", "X") { MaxLength = 256 },
        new TextTarget("canary-memory", input => input is [_, _, (byte)'M', ..] ? Hold() : $"{input.Length}", "M") { MaxLength = 256 },
        new TextTarget("canary-hang", input => input is [(byte)'H', ..] ? Spin() : $"{input.Length}", "H") { MaxLength = 256 },
        new TextTarget("canary-stack", input => $"{Nest(input, 0)}", "[") { MaxLength = 1024 * 1024 },
    ];

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
