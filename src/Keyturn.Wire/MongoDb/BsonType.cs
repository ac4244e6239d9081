namespace Keyturn.Wire.MongoDb;

/// <summary>The types of bsonspec.org, version 1.1.</summary>
internal static class BsonType
{
    public const byte End = 0x00;
    public const byte Double = 0x01;
    public const byte Text = 0x02;
    public const byte Document = 0x03;
    public const byte Array = 0x04;
    public const byte Binary = 0x05;
    public const byte Undefined = 0x06;
    public const byte ObjectId = 0x07;
    public const byte Boolean = 0x08;
    public const byte DateTime = 0x09;
    public const byte Null = 0x0A;
    public const byte Regex = 0x0B;
    public const byte Code = 0x0D;
    public const byte Symbol = 0x0E;
    public const byte Int32 = 0x10;
    public const byte Timestamp = 0x11;
    public const byte Int64 = 0x12;
    public const byte Decimal128 = 0x13;
    public const byte MinKey = 0xFF;
    public const byte MaxKey = 0x7F;
}
