namespace Keyturn.Simulation;

/// <summary>All chance of one history (SplitMix64). The same seed throws the same numbers, whatever machine or runtime throws them.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>0 to <paramref name="sides"/> - 1.</summary>
    public int Throw(int sides) => (int)(Next() % (uint)sides);

    /// <summary>True once in <paramref name="times"/>.</summary>
    public bool OneIn(int times) => Throw(times) == 0;

    private ulong Next()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
