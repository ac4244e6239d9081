using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Keyturn.Engines.MongoDb;

/// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[::1]</c> or <c>[::1]:port</c>, as connection strings and servers write addresses.</summary>
internal static class HostAndPort
{
    public static bool TryParse(string text, int defaultPort, out string host, out int port)
    {
        (host, port) = (text, defaultPort);
        var afterHost = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        if (text.StartsWith('[') && (afterHost == 0 || !IPAddress.TryParse(text[1..(afterHost - 1)], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6))
        {
            return false;
        }

        var hasPort = afterHost >= 0 && afterHost < text.Length;
        host = (hasPort || text.StartsWith('[') ? text[..afterHost] : text).Trim('[', ']');
        return host.Length > 0
            && !host.Any(c => c is <= ' ' or '\x7f' or '/')
            && (!hasPort || (text[afterHost] == ':' && int.TryParse(text.AsSpan(afterHost + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535));
    }
}
