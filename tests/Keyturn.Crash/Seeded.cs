using System.Text;

namespace Keyturn.Crash;

/// <summary>Numbers that are the same for the same seed (SplitMix64): a campaign's moments can be had again. Never for secrets.</summary>
internal sealed class Seeded(ulong seed)
{
    private readonly ulong _seed = seed;
    private ulong _state = seed;

    /// <summary>A stream of its own for each treatment, so that one alone has the same moments as all together.</summary>
    public Seeded For(string name) => new(Encoding.UTF8.GetBytes(name).Aggregate(_seed, (state, letter) => (state ^ letter) * 0x100000001B3));

    /// <summary>0 to <paramref name="below"/> - 1.</summary>
    public int Next(int below)
    {
        var mixed = Interlocked.Add(ref _state, 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
    }

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + TimeSpan.FromMilliseconds(Next((int)(most - least).TotalMilliseconds + 1));
}
