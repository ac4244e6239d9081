namespace Keyturn.Fuzz.Coverage;

/// <summary>Which blocks inputs have reached so far, and about how often in one input. In a program that is not instrumented: none, ever.</summary>
internal sealed class Reach
{
    private readonly byte[] _seen = new byte[Blocks.Most];

    /// <summary>Blocks that were reached at all.</summary>
    public int Count => _seen.Count(seen => seen != 0);

    /// <summary>Before an input.</summary>
    public static void Wipe() => Array.Clear(Blocks.Counts);

    /// <summary>After it: true when it reached a block that none had, or one as often as none had (once, twice, three times, up to 7, 15, 31, 127, more).</summary>
    public bool Take()
    {
        var isNew = false;
        for (var at = 0; Next(at) is >= 0 and var block; at = block + 1)
        {
            var seen = (byte)(_seen[block] | Bucket(Blocks.Counts[block]));
            isNew |= seen != _seen[block];
            _seen[block] = seen;
        }

        return isNew;
    }

    /// <summary>The same, but for how often.</summary>
    public bool TakeBlocks()
    {
        var before = Count;
        Take();
        return Count > before;
    }

    private static int Next(int from) => Blocks.Counts.AsSpan(from).IndexOfAnyExcept((byte)0) is >= 0 and var next ? from + next : -1;

    private static byte Bucket(byte count) => count switch { <= 3 => (byte)(1 << (count - 1)), < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 };
}
