using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.MySql;

/// <summary>Writes the fields of a payload.</summary>
internal sealed class PacketWriter
{
    private readonly ArrayBufferWriter<byte> _payload = new();

    public ReadOnlyMemory<byte> Payload => _payload.WrittenMemory;

    public PacketWriter Byte(byte value) => Bytes([value]);

    public PacketWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_payload.GetSpan(sizeof(uint)), value);
        _payload.Advance(sizeof(uint));
        return this;
    }

    public PacketWriter Zeros(int count) => Bytes(new byte[count]);

    public PacketWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _payload.Write(bytes);
        return this;
    }

    public PacketWriter Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    public PacketWriter NullTerminated(string text) => Text(text).Byte(0);

    /// <summary>string&lt;lenenc&gt; of up to 250 bytes, whose length is one byte.</summary>
    public PacketWriter ShortLengthEncodedBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= 250 ? Byte((byte)bytes.Length).Bytes(bytes) : throw new ArgumentException("its length needs more than a byte", nameof(bytes));
}
