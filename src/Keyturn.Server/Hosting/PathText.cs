using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Keyturn.Server.Hosting;

/// <summary>One percent-encoded segment of a path (RFC 3986), decoded exactly once; malformed escapes and invalid UTF-8 are refused.</summary>
/// <param name="Text">The decoded text.</param>
internal readonly record struct PathText(string Text)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Called by the framework when it binds a route parameter.</summary>
    public static bool TryParse(string? segment, [NotNullWhen(true)] out PathText result)
    {
        var text = segment is null ? null : Decode(segment);
        result = new PathText(text ?? "");
        return text is not null;
    }

    public override string ToString() => Text;

    private static string? Decode(string segment)
    {
        var sent = Encoding.UTF8.GetBytes(segment);
        var decoded = new List<byte>(sent.Length);
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i] != '%')
            {
                decoded.Add(sent[i]);
            }
            else if (i + 2 < sent.Length && byte.TryParse(sent.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                decoded.Add(escaped);
                i += 2;
            }
            else
            {
                return null;
            }
        }

        try
        {
            return Strict.GetString([.. decoded]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
