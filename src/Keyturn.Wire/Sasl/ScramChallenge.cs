using System.Globalization;
using System.Text;

namespace Keyturn.Wire.Sasl;

/// <summary>The server's first message: <c>r=nonce,s=salt,i=iterations</c>, extensions after it ignored (RFC 5802 section 7).</summary>
internal sealed record ScramChallenge(string Text, string Nonce, byte[] Salt, int Iterations)
{
    /// <summary>Real ones have some hundred bytes; a message of MongoDB's may have four million commas.</summary>
    private const int LongestMessage = 64 * 1024;

    public static ScramChallenge Parse(ReadOnlySpan<byte> serverFirst)
    {
        if (serverFirst.Length > LongestMessage)
        {
            throw WireException.Violation($"a SCRAM challenge of {serverFirst.Length} bytes");
        }

        var text = Encoding.UTF8.GetString(serverFirst);
        var attributes = text.Split(',');
        if (attributes.Length < 3
            || !attributes[0].StartsWith("r=", StringComparison.Ordinal)
            || !attributes[1].StartsWith("s=", StringComparison.Ordinal)
            || !attributes[2].StartsWith("i=", StringComparison.Ordinal)
            || !int.TryParse(attributes[2].AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations))
        {
            throw WireException.Violation("the server's SCRAM challenge is not one");
        }

        return new ScramChallenge(text, attributes[0][2..], SaltOf(attributes[1].AsSpan(2)), iterations);
    }

    private static byte[] SaltOf(ReadOnlySpan<char> base64)
    {
        var salt = new byte[base64.Length];
        return Convert.TryFromBase64Chars(base64, salt, out var length)
            ? salt[..length]
            : throw WireException.Violation("the server's SCRAM salt is not base64");
    }
}
