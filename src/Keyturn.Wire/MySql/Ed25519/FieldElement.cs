using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Keyturn.Wire.MySql.Ed25519;

/// <summary>A number modulo 2^255 - 19, as five limbs of 51 bits. No branch and no index depends on its value.</summary>
/// <remarks>RFC 8032, section 5.1. Limbs may exceed 51 bits by a little between operations; <see cref="ToBytes"/> reduces fully.</remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly struct FieldElement
{
    private const int LimbBits = 51;
    private const ulong Mask = (1UL << LimbBits) - 1;

    // Four times the prime, limb by limb: added before a subtraction so that no limb goes below zero.
    private const ulong FourPrimeLow = 4 * (Mask - 18);
    private const ulong FourPrimeHigh = 4 * Mask;

    private readonly ulong _l0, _l1, _l2, _l3, _l4;

    private FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => (_l0, _l1, _l2, _l3, _l4) = (l0, l1, l2, l3, l4);

    public static FieldElement Zero => default;

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>From 32 bytes, lowest first; the top bit is left out.</summary>
    public static FieldElement FromBytes(ReadOnlySpan<byte> bytes)
    {
        var w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        var w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        var w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new(w0 & Mask, ((w0 >> 51) | (w1 << 13)) & Mask, ((w1 >> 38) | (w2 << 26)) & Mask, ((w2 >> 25) | (w3 << 39)) & Mask, (w3 >> 12) & Mask);
    }

    public static FieldElement operator +(FieldElement a, FieldElement b) =>
        Carry(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4);

    public static FieldElement operator -(FieldElement a, FieldElement b) => Carry(
        a._l0 + FourPrimeLow - b._l0,
        a._l1 + FourPrimeHigh - b._l1,
        a._l2 + FourPrimeHigh - b._l2,
        a._l3 + FourPrimeHigh - b._l3,
        a._l4 + FourPrimeHigh - b._l4);

    /// <summary>Schoolbook; what overflows 2^255 comes back times 19.</summary>
    public static FieldElement operator *(FieldElement a, FieldElement b)
    {
        ulong b1 = 19 * b._l1, b2 = 19 * b._l2, b3 = 19 * b._l3, b4 = 19 * b._l4;
        var r0 = Wide(a._l0, b._l0) + Wide(a._l1, b4) + Wide(a._l2, b3) + Wide(a._l3, b2) + Wide(a._l4, b1);
        var r1 = Wide(a._l0, b._l1) + Wide(a._l1, b._l0) + Wide(a._l2, b4) + Wide(a._l3, b3) + Wide(a._l4, b2);
        var r2 = Wide(a._l0, b._l2) + Wide(a._l1, b._l1) + Wide(a._l2, b._l0) + Wide(a._l3, b4) + Wide(a._l4, b3);
        var r3 = Wide(a._l0, b._l3) + Wide(a._l1, b._l2) + Wide(a._l2, b._l1) + Wide(a._l3, b._l0) + Wide(a._l4, b4);
        var r4 = Wide(a._l0, b._l4) + Wide(a._l1, b._l3) + Wide(a._l2, b._l2) + Wide(a._l3, b._l1) + Wide(a._l4, b._l0);
        r1 += r0 >> LimbBits;
        r2 += r1 >> LimbBits;
        r3 += r2 >> LimbBits;
        r4 += r3 >> LimbBits;
        return Carry(Low(r0) + (19 * (ulong)(r4 >> LimbBits)), Low(r1), Low(r2), Low(r3), Low(r4));
    }

    /// <summary><paramref name="a"/> where <paramref name="bit"/> is 1, else <paramref name="b"/>, without a branch.</summary>
    public static FieldElement Select(uint bit, FieldElement a, FieldElement b)
    {
        var mask = 0 - (ulong)bit;
        return new(Pick(a._l0, b._l0), Pick(a._l1, b._l1), Pick(a._l2, b._l2), Pick(a._l3, b._l3), Pick(a._l4, b._l4));

        ulong Pick(ulong one, ulong zero) => zero ^ (mask & (one ^ zero));
    }

    /// <summary>One over this: its power of 2^255 - 21, whose bits are all ones but the second and the fourth.</summary>
    public FieldElement Invert()
    {
        var power = One;
        for (var bit = 254; bit >= 0; bit--)
        {
            power *= power;
            power = bit is 2 or 4 ? power : power * this;
        }

        return power;
    }

    /// <summary>32 bytes, lowest first, of the number between 0 and the prime.</summary>
    public byte[] ToBytes()
    {
        // Twice, as the first carry may leave the lowest limb a little over 51 bits.
        var once = Carry(_l0, _l1, _l2, _l3, _l4);
        var number = Carry(once._l0, once._l1, once._l2, once._l3, once._l4);
        return number.SubtractPrimeIfReached().Pack();
    }

    /// <summary>Adding 19 carries out of the top exactly when the number is the prime or more; what is carried out is dropped.</summary>
    private FieldElement SubtractPrimeIfReached()
    {
        var carry = (_l0 + 19) >> LimbBits;
        carry = (_l1 + carry) >> LimbBits;
        carry = (_l2 + carry) >> LimbBits;
        carry = (_l3 + carry) >> LimbBits;
        carry = (_l4 + carry) >> LimbBits;
        var l0 = _l0 + (19 * carry);
        var l1 = _l1 + (l0 >> LimbBits);
        var l2 = _l2 + (l1 >> LimbBits);
        var l3 = _l3 + (l2 >> LimbBits);
        var l4 = _l4 + (l3 >> LimbBits);
        return new(l0 & Mask, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }

    private byte[] Pack()
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _l0 | (_l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), (_l1 >> 13) | (_l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), (_l2 >> 26) | (_l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), (_l3 >> 39) | (_l4 << 12));
        return bytes;
    }

    private static FieldElement Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        l1 += l0 >> LimbBits;
        l2 += l1 >> LimbBits;
        l3 += l2 >> LimbBits;
        l4 += l3 >> LimbBits;
        l0 = (l0 & Mask) + (19 * (l4 >> LimbBits));
        return new(l0, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }

    private static UInt128 Wide(ulong a, ulong b) => (UInt128)a * b;

    private static ulong Low(UInt128 wide) => (ulong)wide & Mask;
}
