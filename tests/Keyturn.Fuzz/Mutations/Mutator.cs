using System.Buffers.Binary;
using System.Text;
using Keyturn.Simulation;

namespace Keyturn.Fuzz.Mutations;

/// <summary>Makes an input out of others: a few changes at a time, to bytes, words, numbers and JSON values. All chance is of the dice.</summary>
/// <param name="dice">The seed's.</param>
/// <param name="words">What the target's readers look for.</param>
/// <param name="longest">Bytes of an input.</param>
internal sealed class Mutator(Dice dice, IReadOnlyList<byte[]> words, int longest)
{
    private const int MostChanges = 6;
    private static readonly long[] Edges = [0, 1, -1, 2, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFFFFFF, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    /// <summary>One input of the corpus, changed; sometimes with a part of another.</summary>
    public byte[] Next(IReadOnlyList<byte[]> corpus)
    {
        var bytes = Pick(corpus);
        for (var left = 1 + dice.Throw(MostChanges); left > 0; left--)
        {
            bytes = Change(bytes, corpus);
        }

        return bytes.Length <= longest ? bytes : bytes[..longest];
    }

    private byte[] Change(byte[] bytes, IReadOnlyList<byte[]> corpus) => dice.Throw(12) switch
    {
        0 => Flip(bytes),
        1 => Splice(bytes, [(byte)dice.Throw(256)], taken: dice.Throw(2)),
        2 => Remove(bytes),
        3 => Number(bytes),
        4 => Splice(bytes, Pick(words), taken: 0),
        5 => Splice(bytes, Pick(words), taken: dice.Throw(8)),
        6 => Repeat(bytes),
        7 => bytes[..dice.Throw(bytes.Length + 1)],
        8 => Splice(bytes, Slice(Pick(corpus)), taken: dice.Throw(16)),
        9 => Splice(bytes, Slice(bytes), taken: 0),
        _ => JsonMutation.Change(bytes, dice) ?? Flip(bytes),
    };

    private byte[] Flip(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return [(byte)dice.Throw(256)];
        }

        byte[] changed = [.. bytes];
        changed[dice.Throw(changed.Length)] ^= (byte)(1 << dice.Throw(8));
        return changed;
    }

    private byte[] Remove(byte[] bytes)
    {
        var at = dice.Throw(bytes.Length + 1);
        return Splice(bytes, [], at, dice.Throw(bytes.Length - at + 1));
    }

    /// <summary>A number at an edge, as bytes in either order or as digits.</summary>
    private byte[] Number(byte[] bytes)
    {
        var number = Edges[dice.Throw(Edges.Length)];
        var all = new byte[sizeof(long)];
        var width = 1 << dice.Throw(4);
        if (dice.OneIn(3))
        {
            return Splice(bytes, Encoding.ASCII.GetBytes(number.ToString()), dice.Throw(4));
        }

        if (dice.OneIn(2))
        {
            BinaryPrimitives.WriteInt64LittleEndian(all, number);
            return Splice(bytes, all[..width], width);
        }

        BinaryPrimitives.WriteInt64BigEndian(all, number);
        return Splice(bytes, all[^width..], width);
    }

    /// <summary>The same again, up to thousands of times: long texts, deep nesting, lists without end.</summary>
    private byte[] Repeat(byte[] bytes)
    {
        var part = Slice(bytes);
        var times = 1 << dice.Throw(1 + (part.Length == 0 ? 0 : int.Log2(Math.Max(2, longest / part.Length))));
        var repeated = new byte[part.Length * times];
        for (var at = 0; at < repeated.Length; at += part.Length)
        {
            part.CopyTo(repeated, at);
        }

        return Splice(bytes, repeated, taken: 0);
    }

    private byte[] Slice(byte[] bytes)
    {
        var at = dice.Throw(bytes.Length + 1);
        return bytes.AsSpan(at, dice.Throw(Math.Min(bytes.Length - at, 64) + 1)).ToArray();
    }

    private byte[] Splice(byte[] bytes, byte[] put, int taken) => Splice(bytes, put, dice.Throw(bytes.Length + 1), taken);

    private static byte[] Splice(byte[] bytes, byte[] put, int at, int taken) => [.. bytes[..at], .. put, .. bytes[Math.Min(bytes.Length, at + taken)..]];

    private byte[] Pick(IReadOnlyList<byte[]> from) => from.Count == 0 ? [] : from[dice.Throw(from.Count)];
}
