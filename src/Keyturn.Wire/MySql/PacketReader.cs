using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.MySql;

/// <summary>Reads the fields of a payload. Whatever reaches past its end is a violation.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_data_types.html</remarks>
internal ref struct PacketReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Left => _rest.Length;

    /// <summary>The next byte, which stays unread; -1 at the end.</summary>
    public readonly int Peek => _rest.Length == 0 ? -1 : _rest[0];

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            throw WireException.Violation($"a field of {count} bytes where {_rest.Length} are left");
        }

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Bytes(_rest.Length);

    /// <summary>Up to the next NUL, which is read too.</summary>
    public ReadOnlySpan<byte> NullTerminated()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
        {
            throw WireException.Violation("a string without its end");
        }

        var text = Bytes(end);
        _ = Byte();
        return text;
    }

    /// <summary>int&lt;lenenc&gt;.</summary>
    public ulong LengthEncodedInteger() => Byte() switch
    {
        < 0xFB and var small => small,
        0xFC => UInt16(),
        0xFD => (ulong)(UInt16() | (Byte() << 16)),
        0xFE => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)),
        var other => throw WireException.Violation($"a length that begins with 0x{other:X2}"),
    };

    /// <summary>string&lt;lenenc&gt;.</summary>
    public ReadOnlySpan<byte> LengthEncodedBytes()
    {
        var length = LengthEncodedInteger();
        return Bytes(length > int.MaxValue ? int.MaxValue : (int)length);
    }

    /// <summary>string&lt;lenenc&gt; as UTF-8.</summary>
    public string LengthEncodedText() => Encoding.UTF8.GetString(LengthEncodedBytes());
}
