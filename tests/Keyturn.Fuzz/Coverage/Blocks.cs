namespace Keyturn.Fuzz.Coverage;

/// <summary>What the instrumented copy counts in. Public, because Keyturn's own assemblies write to it there.</summary>
public static class Blocks
{
    /// <summary>More than all of Keyturn has; a copy with more is not made.</summary>
    internal const int Most = 1 << 17;

    /// <summary>How often each block ran since it was last wiped, modulo 256. Nothing locks it: a count that two threads lose is no harm.</summary>
    public static readonly byte[] Counts = new byte[Most];
}
