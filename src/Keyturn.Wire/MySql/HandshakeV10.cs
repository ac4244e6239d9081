using System.Text;

namespace Keyturn.Wire.MySql;

/// <summary>Protocol::HandshakeV10, the server's greeting.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html</remarks>
internal sealed record HandshakeV10(string ServerVersion, uint ThreadId, Capabilities Capabilities, byte[] Nonce, string AuthPlugin)
{
    private const byte ProtocolVersion = 10;
    private const int FirstNoncePart = 8;
    private const int SecondNoncePart = 12;
    private const int ReservedLength = 10;

    public static HandshakeV10 Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload);
        if (reader.Byte() is not ProtocolVersion and var version)
        {
            throw WireException.Violation($"the greeting has protocol version {version}; this is no MySQL server, or one of before 1998");
        }

        var serverVersion = Encoding.UTF8.GetString(reader.NullTerminated());
        var threadId = reader.UInt32();
        var nonce = new byte[FirstNoncePart + SecondNoncePart];
        reader.Bytes(FirstNoncePart).CopyTo(nonce);
        _ = reader.Byte();
        var capabilities = (Capabilities)reader.UInt16();
        _ = reader.Bytes(3); // character set, status
        capabilities |= (Capabilities)((uint)reader.UInt16() << 16);
        Require(capabilities);
        _ = reader.Bytes(1 + ReservedLength); // the nonce's whole length, which is 21 everywhere
        reader.Bytes(SecondNoncePart).CopyTo(nonce.AsSpan(FirstNoncePart));
        _ = reader.Byte();
        return new HandshakeV10(serverVersion, threadId, capabilities, nonce, Encoding.UTF8.GetString(reader.NullTerminated()));
    }

    private static void Require(Capabilities offered)
    {
        var missing = Capabilities.RequiredOfServer & ~offered;
        if (missing != Capabilities.None)
        {
            throw WireException.Violation($"the server does not offer {missing}");
        }
    }
}
