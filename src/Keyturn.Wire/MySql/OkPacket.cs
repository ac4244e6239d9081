namespace Keyturn.Wire.MySql;

/// <summary>OK_Packet.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html</remarks>
internal static class OkPacket
{
    public const byte Header = 0x00;

    /// <summary>The session's status; nothing else of an OK packet matters to Keyturn.</summary>
    public static StatusFlags Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload[1..]);
        _ = reader.LengthEncodedInteger(); // affected rows
        _ = reader.LengthEncodedInteger(); // last insert id
        return (StatusFlags)reader.UInt16();
    }
}
