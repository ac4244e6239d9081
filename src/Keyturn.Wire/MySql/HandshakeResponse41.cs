namespace Keyturn.Wire.MySql;

/// <summary>Protocol::HandshakeResponse41: who we are, and the answer to the greeting's challenge.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html</remarks>
internal static class HandshakeResponse41
{
    public static ReadOnlyMemory<byte> Payload(bool overTls, string user, ReadOnlySpan<byte> authResponse, string authPlugin) =>
        SslRequest.Head(overTls ? Capabilities.Client | Capabilities.Ssl : Capabilities.Client)
            .NullTerminated(user)
            .ShortLengthEncodedBytes(authResponse)
            .NullTerminated(authPlugin)
            .Payload;
}
