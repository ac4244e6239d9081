using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.PostgreSql;

/// <summary>A message of ours while it is written: parts appended, the length filled in at the end.</summary>
internal sealed class FrontendMessage
{
    private readonly ArrayBufferWriter<byte> _bytes = new(128);
    private readonly int _lengthAt;

    /// <summary>A message with a tag.</summary>
    public FrontendMessage(char tag)
    {
        Bytes([(byte)tag]);
        _lengthAt = 1;
        Int32(0);
    }

    /// <summary>The first messages of a connection have no tag but a code.</summary>
    public FrontendMessage(int code)
    {
        Int32(0);
        Int32(code);
    }

    public FrontendMessage Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
        return this;
    }

    public FrontendMessage Bytes(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    /// <summary>Text that ends in NUL, and so cannot hold one.</summary>
    public FrontendMessage CString(string value)
    {
        Encoding.UTF8.GetBytes(value, _bytes);
        return Bytes([0]);
    }

    public byte[] ToArray()
    {
        var message = _bytes.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(_lengthAt), message.Length - _lengthAt);
        return message;
    }
}
