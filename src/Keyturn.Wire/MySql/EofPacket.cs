namespace Keyturn.Wire.MySql;

/// <summary>EOF_Packet: the end of the column definitions, and of the rows.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_eof_packet.html</remarks>
internal static class EofPacket
{
    private const byte Header = 0xFE;

    /// <summary>0xFE also begins a length of eight bytes, hence the length.</summary>
    public static bool Is(ReadOnlySpan<byte> payload) => payload is [Header, ..] && payload.Length < 9;

    public static StatusFlags Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload[1..]);
        _ = reader.UInt16(); // warnings
        return (StatusFlags)reader.UInt16();
    }
}
