namespace Keyturn.Wire.MySql;

/// <summary>Protocol::AuthMoreData: what a plugin's server side says to its client side.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_auth_more_data.html</remarks>
internal static class AuthMoreData
{
    public const byte Header = 0x01;

    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> payload) => payload[1..];
}
