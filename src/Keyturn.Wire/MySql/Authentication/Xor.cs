namespace Keyturn.Wire.MySql.Authentication;

/// <summary>Exclusive or of two byte strings.</summary>
internal static class Xor
{
    /// <summary>As long as <paramref name="bytes"/>; <paramref name="mask"/> repeats itself.</summary>
    public static byte[] Of(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mask)
    {
        var mixed = bytes.ToArray();
        for (var index = 0; index < mixed.Length; index++)
        {
            mixed[index] ^= mask[index % mask.Length];
        }

        return mixed;
    }
}
