using System.Text;

namespace Keyturn.Wire.MySql;

/// <summary>ERR_Packet: what the server refused, in its words.</summary>
/// <param name="Code">The server's error number.</param>
/// <param name="Message">Its sentence; it may quote the statement.</param>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html</remarks>
public sealed record ErrPacket(int Code, string Message)
{
    internal const byte Header = 0xFF;
    private const byte SqlStateMarker = (byte)'#';
    private const int SqlStateLength = 5;

    internal static ErrPacket Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload[1..]);
        var code = reader.UInt16();

        // Before the handshake response the server does not know yet that we want SQLSTATE, and leaves it out.
        if (reader.Peek == SqlStateMarker)
        {
            _ = reader.Bytes(1 + SqlStateLength);
        }

        return new ErrPacket(code, Encoding.UTF8.GetString(reader.Rest()));
    }
}
