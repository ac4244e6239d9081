using System.Globalization;
using System.Text;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>
/// Percent-encoding (RFC 3986). Decoded text has one character a byte, so that it sorts as bytes do and invalid UTF-8 survives.
/// </summary>
internal static class PercentEncoding
{
    /// <summary>Decodes once. An escape that is none stays as it is.</summary>
    public static string Decode(string text)
    {
        var sent = Encoding.UTF8.GetBytes(text);
        var decoded = new StringBuilder(sent.Length);
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i] == '%' && i + 2 < sent.Length
                && byte.TryParse(sent.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                decoded.Append((char)escaped);
                i += 2;
            }
            else
            {
                decoded.Append((char)sent[i]);
            }
        }

        return decoded.ToString();
    }

    /// <summary>Decodes a name or value of a query, where a plus is a blank.</summary>
    public static string DecodeQuery(string text) => Decode(text.Replace('+', ' '));

    /// <summary>Encodes everything but letters, digits and <c>-_.~</c>.</summary>
    public static string Encode(string decoded)
    {
        var encoded = new StringBuilder(decoded.Length);
        foreach (var c in decoded)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~')
            {
                encoded.Append(c);
            }
            else
            {
                encoded.Append('%').Append(((int)c).ToString("X2"));
            }
        }

        return encoded.ToString();
    }
}
