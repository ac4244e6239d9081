using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.MongoDb;

/// <summary>Writes documents.</summary>
public static class BsonWriter
{
    // Half a surrogate pair has no bytes: better a fault here than another password on the server.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The document's bytes.</summary>
    public static byte[] Write(BsonDocument document)
    {
        var elements = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in document)
        {
            WriteElement(elements, name, value);
        }

        byte[] bytes = [0, 0, 0, 0, .. elements.WrittenSpan, BsonType.End];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        return bytes;
    }

    private static void WriteElement(ArrayBufferWriter<byte> output, string name, object? value)
    {
        var (type, bytes) = Encode(value);
        output.Write((ReadOnlySpan<byte>)[type]);
        StrictUtf8.GetBytes(name.Contains('\0') ? throw new ArgumentException("a name with NUL", nameof(name)) : name, output);
        output.Write("\0"u8);
        output.Write(bytes);
    }

    private static (byte Type, byte[] Bytes) Encode(object? value) => value switch
    {
        null => (BsonType.Null, []),
        string text => (BsonType.Text, Text(text)),
        int number => (BsonType.Int32, LittleEndian(number)),
        long number => (BsonType.Int64, LittleEndian(number)),
        double number => (BsonType.Double, LittleEndian(BitConverter.DoubleToInt64Bits(number))),
        bool truth => (BsonType.Boolean, [truth ? (byte)1 : (byte)0]),
        byte[] data => (BsonType.Binary, [.. LittleEndian(data.Length), 0, .. data]),
        BsonId id => (BsonType.ObjectId, Convert.FromHexString(id.Hex)),
        BsonDocument document => (BsonType.Document, Write(document)),
        IEnumerable<object?> items => (BsonType.Array, Write(Array(items))),
        _ => throw new ArgumentException($"{value.GetType().Name} is no type of BSON", nameof(value)),
    };

    private static BsonDocument Array(IEnumerable<object?> items)
    {
        var array = new BsonDocument();
        foreach (var (index, item) in items.Index())
        {
            array.Add(index.ToString(), item);
        }

        return array;
    }

    private static byte[] Text(string text)
    {
        var utf8 = StrictUtf8.GetBytes(text);
        return [.. LittleEndian(utf8.Length + 1), .. utf8, 0];
    }

    private static byte[] LittleEndian(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }

    private static byte[] LittleEndian(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
