using System.Runtime.InteropServices;

namespace Keyturn.Wire.MySql.Ed25519;

/// <summary>A point of edwards25519 in extended coordinates.</summary>
/// <remarks>RFC 8032, section 5.1.4.</remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly struct EdwardsPoint
{
    private static readonly FieldElement TwiceD = FromHex("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    private readonly FieldElement _x, _y, _z, _t;

    private EdwardsPoint(FieldElement x, FieldElement y, FieldElement z, FieldElement t) => (_x, _y, _z, _t) = (x, y, z, t);

    private static EdwardsPoint Neutral { get; } = new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    private static EdwardsPoint Base { get; } = Affine(
        FromHex("1ad5258f602d56c9b2a7259560c72c695cdcd6fd31e2a4c0fe536ecdd3366921"),
        FromHex("5866666666666666666666666666666666666666666666666666666666666666"));

    /// <summary>Complete: it holds for any two points, equal ones too, so that no case shows in the time it takes.</summary>
    public static EdwardsPoint operator +(EdwardsPoint p, EdwardsPoint q)
    {
        var a = (p._y - p._x) * (q._y - q._x);
        var b = (p._y + p._x) * (q._y + q._x);
        var c = p._t * TwiceD * q._t;
        var zz = p._z * q._z;
        var d = zz + zz;
        FieldElement e = b - a, f = d - c, g = d + c, h = b + a;
        return new(e * f, g * h, f * g, e * h);
    }

    /// <summary>The base point times a scalar of 32 bytes, lowest first. Does the same work for every scalar.</summary>
    public static EdwardsPoint MultiplyBase(ReadOnlySpan<byte> scalar)
    {
        var product = Neutral;
        for (var bit = 255; bit >= 0; bit--)
        {
            product += product;
            product = Select((uint)(scalar[bit / 8] >> (bit % 8)) & 1, product + Base, product);
        }

        return product;
    }

    /// <summary>y, with the lowest bit of x as its highest.</summary>
    public byte[] Encode()
    {
        var inverse = _z.Invert();
        var encoded = (_y * inverse).ToBytes();
        encoded[31] |= (byte)((_x * inverse).ToBytes()[0] << 7);
        return encoded;
    }

    private static EdwardsPoint Select(uint bit, EdwardsPoint one, EdwardsPoint zero) => new(
        FieldElement.Select(bit, one._x, zero._x),
        FieldElement.Select(bit, one._y, zero._y),
        FieldElement.Select(bit, one._z, zero._z),
        FieldElement.Select(bit, one._t, zero._t));

    private static EdwardsPoint Affine(FieldElement x, FieldElement y) => new(x, y, FieldElement.One, x * y);

    private static FieldElement FromHex(string hex) => FieldElement.FromBytes(Convert.FromHexString(hex));
}
