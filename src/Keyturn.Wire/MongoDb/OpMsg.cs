using System.Buffers.Binary;

namespace Keyturn.Wire.MongoDb;

/// <summary>
/// The one message of today's protocol (MongoDB 3.6 and later): header, flags, and one section of kind 0, which is the command or its reply.
/// </summary>
internal static class OpMsg
{
    public const int HeaderLength = 16;

    /// <summary>
    /// Bytes of one message. MongoDB allows 48 MB, and replies with cursors up to 16 MB; the longest that we ask for is the list of all
    /// accounts, some 300 bytes each.
    /// </summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private const int OpCode = 2013;
    private const int BodyStart = HeaderLength + sizeof(int) + 1;
    private const int Shortest = BodyStart + 5;
    private const byte BodySection = 0;

    public static byte[] Write(int requestId, BsonDocument command)
    {
        var body = BsonWriter.Write(command);
        var message = new byte[BodyStart + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), requestId);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), OpCode);
        body.CopyTo(message, BodyStart);
        return message;
    }

    /// <summary>Bytes that follow the header of a reply to <paramref name="requestId"/>.</summary>
    public static int LengthAfter(ReadOnlySpan<byte> header, int requestId)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (BinaryPrimitives.ReadInt32LittleEndian(header[12..]) != OpCode || length is < Shortest or > MaxLength)
        {
            throw WireException.Violation("a message that is not of MongoDB's protocol, or of impossible length");
        }

        return BinaryPrimitives.ReadInt32LittleEndian(header[8..]) == requestId
            ? length - HeaderLength
            : throw WireException.Violation("a reply to something else than was asked");
    }

    /// <summary>
    /// The document of a reply. No flag may be set: we ask for neither a checksum nor replies that go on, and the lower half of the flags
    /// must be understood by who reads them.
    /// </summary>
    public static BsonDocument Read(ReadOnlySpan<byte> afterHeader) =>
        (BinaryPrimitives.ReadInt32LittleEndian(afterHeader) & 0xFFFF) == 0 && afterHeader[sizeof(int)] == BodySection
            ? BsonReader.Read(afterHeader[(sizeof(int) + 1)..])
            : throw WireException.Violation("a reply with flags or sections that were not asked for");
}
