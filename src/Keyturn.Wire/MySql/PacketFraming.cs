using System.Buffers.Binary;

namespace Keyturn.Wire.MySql;

/// <summary>Packets over a transport: three bytes of length, one of sequence, payload.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html</remarks>
public sealed class PacketFraming(Transport transport)
{
    private const int HeaderLength = 4;

    /// <summary>A payload of this length would continue in the next packet.</summary>
    private const int MaxPayload = 0xFFFFFF;

    private readonly byte[] _header = new byte[HeaderLength];
    private byte _sequence;

    /// <summary>The bytes below.</summary>
    public Transport Transport { get; } = transport;

    /// <summary>A new command begins: both sides count from zero again.</summary>
    public void BeginCommand() => _sequence = 0;

    /// <summary>Reads one payload, at least one byte long. A longer one than <paramref name="limit"/> is refused before memory is taken for it.</summary>
    public async ValueTask<byte[]> ReadAsync(int limit, CancellationToken cancel)
    {
        await Transport.ReadAsync(_header, cancel);
        var length = _header[0] | (_header[1] << 8) | (_header[2] << 16);
        if (_header[3] != _sequence)
        {
            throw WireException.Violation($"packet {_header[3]} came where {_sequence} was due");
        }

        if (length is 0 || length > limit)
        {
            throw WireException.Violation($"a packet of {length} bytes where 1 to {limit} are allowed");
        }

        _sequence++;
        var payload = new byte[length];
        await Transport.ReadAsync(payload, cancel);
        return payload;
    }

    /// <summary>Sends one payload.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        if (payload.Length >= MaxPayload)
        {
            throw new ArgumentException("nothing of Keyturn's is that long", nameof(payload));
        }

        var packet = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packet, payload.Length);
        packet[3] = _sequence++;
        payload.CopyTo(packet.AsMemory(HeaderLength));
        return Transport.WriteAsync(packet, cancel);
    }
}
