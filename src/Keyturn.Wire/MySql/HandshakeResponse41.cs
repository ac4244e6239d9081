namespace Keyturn.Wire.MySql;

/// <summary>Protocol::HandshakeResponse41: who we are, and the answer to the greeting's challenge.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html</remarks>
internal static class HandshakeResponse41
{
    public static ReadOnlyMemory<byte> Payload(bool overTls, string user, ReadOnlySpan<byte> authResponse, string authPlugin) =>
        SslRequest.Head(overTls ? Capabilities.Client | Capabilities.Ssl : Capabilities.Client)
            .NullTerminated(Quoted(user))
            .ShortLengthEncodedBytes(authResponse)
            .NullTerminated(authPlugin)
            .Payload;

    /// <summary>MySQL and MariaDB take one pair of single quotes off the name that comes: without another pair <c>'app'</c> would be tried on <c>app</c>.</summary>
    private static string Quoted(string user) => user.Length > 1 && user.StartsWith('\'') && user.EndsWith('\'') ? $"'{user}'" : user;
}
