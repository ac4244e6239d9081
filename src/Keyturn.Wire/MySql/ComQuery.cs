namespace Keyturn.Wire.MySql;

/// <summary>COM_QUERY: one statement as text.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html</remarks>
internal static class ComQuery
{
    private const byte Command = 0x03;

    public static ReadOnlyMemory<byte> Payload(string statement) => new PacketWriter().Byte(Command).Text(statement).Payload;
}
