using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.MongoDb;

/// <summary>Reads documents. Whatever is longer than what is around it, deeper or more than we ever ask for, is a violation.</summary>
public ref struct BsonReader
{
    /// <summary>Documents within documents. The privileges of <c>connectionStatus</c> have six.</summary>
    public const int MaxDepth = 16;

    /// <summary>Elements of one document, those of inner ones included. An account in a list of them has about twenty.</summary>
    public const int MaxElements = 256 * 1024;

    private const int Smallest = 5;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest;
    private int _elementsLeft;

    private BsonReader(ReadOnlySpan<byte> bytes)
    {
        _rest = bytes;
        _elementsLeft = MaxElements;
    }

    /// <summary>The document that <paramref name="bytes"/> are, all of them.</summary>
    public static BsonDocument Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BsonReader(bytes);
        var document = reader.Document(MaxDepth);
        return reader._rest.Length == 0 ? document : throw WireException.Violation($"{reader._rest.Length} bytes after a document");
    }

    private BsonDocument Document(int depthLeft)
    {
        var document = new BsonDocument();
        var outer = Enter(depthLeft);
        for (var type = Bytes(1)[0]; type != BsonType.End; type = Bytes(1)[0])
        {
            if (--_elementsLeft < 0)
            {
                throw WireException.Violation($"a document of more than {MaxElements} elements");
            }

            document.Add(Decode(ToNul()), Value(type, depthLeft - 1));
        }

        Leave(outer);
        return document;
    }

    // The names of an array's elements are its indexes; their order is what counts.
    private List<object?> Array(int depthLeft) => [.. Document(depthLeft).Select(element => element.Value)];

    /// <summary>Narrows what is left to a document, and gives what comes after it.</summary>
    private ReadOnlySpan<byte> Enter(int depthLeft)
    {
        var length = _rest.Length < Smallest ? 0 : BinaryPrimitives.ReadInt32LittleEndian(_rest);
        if (length < Smallest || length > _rest.Length || depthLeft <= 0)
        {
            throw WireException.Violation("a document of impossible length or depth");
        }

        var outer = _rest[length..];
        _rest = _rest[sizeof(int)..length];
        return outer;
    }

    private void Leave(ReadOnlySpan<byte> outer)
    {
        if (_rest.Length > 0)
        {
            throw WireException.Violation("a document that ends before its length");
        }

        _rest = outer;
    }

    private object? Value(byte type, int depthLeft) => type switch
    {
        BsonType.Double => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(sizeof(double))),
        BsonType.Text => Text(),
        BsonType.Document => Document(depthLeft),
        BsonType.Array => Array(depthLeft),
        BsonType.Binary => Binary(),
        BsonType.ObjectId => new BsonId(Convert.ToHexStringLower(Bytes(12))),
        BsonType.Boolean => Boolean(),
        BsonType.Null or BsonType.Undefined => null,
        BsonType.Int32 => Int32(),
        BsonType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Bytes(sizeof(long))),
        _ => Other(type),
    };

    private BsonOther Other(byte type)
    {
        switch (type)
        {
            case BsonType.DateTime or BsonType.Timestamp:
                Bytes(sizeof(long));
                break;
            case BsonType.Decimal128:
                Bytes(16);
                break;
            case BsonType.Code or BsonType.Symbol:
                Text();
                break;
            case BsonType.Regex:
                ToNul();
                ToNul();
                break;
            case BsonType.MinKey or BsonType.MaxKey:
                break;
            default:
                throw WireException.Violation($"a value of type 0x{type:X2}");
        }

        return new BsonOther(type);
    }

    private string Text()
    {
        var length = Int32();
        var bytes = length > 0 ? Bytes(length) : throw WireException.Violation("a string of impossible length");
        return bytes[^1] == 0 ? Decode(bytes[..^1]) : throw WireException.Violation("a string that does not end where it said");
    }

    private byte[] Binary()
    {
        var length = Int32();
        var subtypeAndBytes = length is >= 0 and < int.MaxValue ? Bytes(length + 1) : throw WireException.Violation("binary data of impossible length");
        return subtypeAndBytes[1..].ToArray();
    }

    private bool Boolean() => Bytes(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw WireException.Violation($"a boolean of value {other}"),
    };

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int)));

    private ReadOnlySpan<byte> ToNul()
    {
        var end = _rest.IndexOf((byte)0);
        return end >= 0 ? Bytes(end + 1)[..^1] : throw WireException.Violation("a name without its end");
    }

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
        {
            throw WireException.Violation($"a value of {count} bytes where {_rest.Length} are left");
        }

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    private static string Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw WireException.Violation("text that is not UTF-8");
        }
    }
}
