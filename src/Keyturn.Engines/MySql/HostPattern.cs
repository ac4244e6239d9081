using System.Net;

namespace Keyturn.Engines.MySql;

/// <summary>
/// The host part of a row: an address, a name, a network, or a pattern with <c>%</c> and <c>_</c>. The server decides who comes in by which
/// row; this only tells where a row is certainly for others.
/// </summary>
internal static class HostPattern
{
    /// <summary>
    /// False only if the server cannot choose the row for a client that it sees at <paramref name="client"/>. A client that has a name may
    /// also be chosen by its address, which the server does not tell.
    /// </summary>
    public static bool MayMatch(string pattern, string client)
    {
        if (pattern.Contains('/') && HostNetwork.TryParse(pattern) is { } network && HostNetwork.ParseAddress(client) is { } address)
        {
            return network.Covers(address);
        }

        if (pattern.Length == 0 || client.Length == 0 || pattern.Contains('/') || Matches(pattern.ToLowerInvariant(), client.ToLowerInvariant()))
        {
            return true;
        }

        return !IPAddress.TryParse(client, out _) && LooksLikeAddress(pattern);
    }

    private static bool LooksLikeAddress(string pattern) => pattern.Contains(':') || !pattern.Any(char.IsAsciiLetter);

    /// <summary>As LIKE: <c>%</c> is any text, <c>_</c> any letter, and a backslash takes both at their word.</summary>
    private static bool Matches(string pattern, string text)
    {
        // The last % and how far it has reached: going back further than to that one cannot help.
        var (at, place) = (0, 0);
        var (lastAny, reached) = (-1, 0);
        while (place < text.Length)
        {
            var isEscaped = at + 1 < pattern.Length && pattern[at] == '\\';
            var letter = at < pattern.Length ? pattern[isEscaped ? at + 1 : at] : '\0';
            if (letter == '%' && !isEscaped)
            {
                (lastAny, reached) = (at, place);
                at++;
            }
            else if (at < pattern.Length && (letter == text[place] || (letter == '_' && !isEscaped)))
            {
                at += isEscaped ? 2 : 1;
                place++;
            }
            else if (lastAny >= 0)
            {
                (at, place) = (lastAny + 1, ++reached);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(at).Trim('%').IsEmpty;
    }
}
