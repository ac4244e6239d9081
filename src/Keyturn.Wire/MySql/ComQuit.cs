namespace Keyturn.Wire.MySql;

/// <summary>COM_QUIT: the server closes the connection and says nothing more.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_quit.html</remarks>
internal static class ComQuit
{
    public static ReadOnlyMemory<byte> Payload { get; } = new byte[] { 0x01 };
}
