namespace Keyturn.Wire.MySql;

/// <summary>Protocol::SSLRequest: the head of a handshake response, after which TLS begins.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_ssl_request.html</remarks>
internal static class SslRequest
{
    /// <summary>utf8mb4_general_ci, which every server of both products knows.</summary>
    private const byte Utf8Mb4 = 45;

    private const uint MaxPacket = 0xFFFFFF;
    private const int ReservedLength = 23;

    public static ReadOnlyMemory<byte> Payload => Head(Capabilities.Client | Capabilities.Ssl).Payload;

    /// <summary>The fields that SSLRequest and HandshakeResponse41 have in common.</summary>
    public static PacketWriter Head(Capabilities capabilities) =>
        new PacketWriter().UInt32((uint)capabilities).UInt32(MaxPacket).Byte(Utf8Mb4).Zeros(ReservedLength);
}
