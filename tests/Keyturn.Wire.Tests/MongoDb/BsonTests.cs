using Keyturn.Wire.MongoDb;

namespace Keyturn.Wire.Tests.MongoDb;

public sealed class BsonTests
{
    // The examples of bsonspec.org.
    private const string HelloWorld = "160000000268656C6C6F0006000000776F726C640000";
    private const string Awesome = "310000000442534F4E002600000002300008000000617765736F6D65000131003333333333331440103200C20700000000";

    [Fact]
    public void Write_ExamplesOfTheSpecification_HaveTheirBytes()
    {
        Hex(new() { { "hello", "world" } }).ShouldBe(HelloWorld);
        Hex(new() { { "BSON", new object?[] { "awesome", 5.05, 1986 } } }).ShouldBe(Awesome);
    }

    [Fact]
    public void Read_ExamplesOfTheSpecification_HaveTheirValues()
    {
        Read(HelloWorld).Text("hello").ShouldBe("world");
        (Read(Awesome)["BSON"] as IReadOnlyList<object?>).ShouldBe(["awesome", 5.05, 1986]);
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var written = new BsonDocument
        {
            { "text", "naïve \0 密码 \U0001F511" },
            { "bytes", new byte[] { 0, 255 } },
            { "long", long.MinValue },
            { "double", -0.5 },
            { "truth", true },
            { "nothing", null },
            { "id", new BsonId("0123456789abcdef01234567") },
            { "inner", new BsonDocument { { "empty", new BsonDocument() }, { "none", Array.Empty<object?>() } } },
        };

        var read = BsonReader.Read(BsonWriter.Write(written));

        read.Text("text").ShouldBe("naïve \0 密码 \U0001F511");
        read.Bytes("bytes").ShouldBe([0, 255]);
        read.Integer("long").ShouldBe(long.MinValue);
        read["double"].ShouldBe(-0.5);
        read["truth"].ShouldBe(true);
        read.Has("nothing").ShouldBeTrue();
        read["id"].ShouldBe(new BsonId("0123456789abcdef01234567"));
        read.Document("inner")!.Select(element => element.Key).ShouldBe(["empty", "none"]);
    }

    [Theory]
    [InlineData("10000000096100000000000000000000", 0x09)] // date
    [InlineData("10000000116100000000000000000000", 0x11)] // timestamp
    [InlineData("180000001361000000000000000000000000000000000000", 0x13)] // decimal128
    [InlineData("0C0000000B610062006900" + "00", 0x0B)] // regular expression
    [InlineData("0E0000000D61000200000062" + "0000", 0x0D)] // code
    [InlineData("08000000FF610000", 0xFF)]
    [InlineData("080000007F610000", 0x7F)]
    public void Read_TypesThatWeDoNotUse_AreReadOver(string hex, int type) => Read(hex)["a"].ShouldBe(new BsonOther((byte)type));

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("05000000", "shorter than the shortest")]
    [InlineData("0400000000", "a length below the shortest")]
    [InlineData("FFFFFFFF00", "a negative length")]
    [InlineData("FFFFFF7F00", "a length beyond the message")]
    [InlineData("0600000000", "one byte too few")]
    [InlineData("050000000000", "a byte too many")]
    [InlineData("0600000000" + "00", "an end before the length")]
    [InlineData("05000000FF", "no end")]
    [InlineData("0A0000000A6162636400", "a name without its end")]
    [InlineData("0D000000026100FFFFFFFF00" + "00", "a string of negative length")]
    [InlineData("0D00000002610000000000" + "0000", "a string of no length")]
    [InlineData("0D000000026100FFFFFF7F00" + "00", "a string beyond the document")]
    [InlineData("0E00000002610002000000616200", "a string that does not end in NUL")]
    [InlineData("0E000000026100020000" + "00FF0000", "text that is not UTF-8")]
    [InlineData("0D000000056100FFFFFFFF00" + "00", "binary data of negative length")]
    [InlineData("0D000000056100FFFFFF7F00" + "00", "binary data that overflows")]
    [InlineData("0D0000000561000100000000" + "00", "binary data beyond the document")]
    [InlineData("0900000008610002" + "00", "a boolean of 2")]
    [InlineData("0A000000106100000000", "half a number")]
    [InlineData("0D000000036100060000000000", "an inner document beyond the outer")]
    [InlineData("08000000206100" + "00", "an unknown type")]
    [InlineData("080000000C610000", "a deprecated type")]
    public void Read_NotOfTheFormat_IsProtocolViolation(string hex, string what) =>
        Should.Throw<WireException>(() => Read(hex), what).Fault.ShouldBe(WireFault.ProtocolViolation);

    [Fact]
    public void Read_DeeperThanAllowed_IsProtocolViolation()
    {
        Read(Convert.ToHexString(Nested(BsonReader.MaxDepth))).Document("d").ShouldNotBeNull();
        Should.Throw<WireException>(() => BsonReader.Read(Nested(BsonReader.MaxDepth + 1))).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public void Read_MoreElementsThanAllowed_IsProtocolViolation()
    {
        byte[] elements = [.. Enumerable.Repeat((byte[])[0x0A, 0], BsonReader.MaxElements + 1).SelectMany(element => element)];
        byte[] document = [.. BitConverter.GetBytes(elements.Length + 5), .. elements, 0];

        Should.Throw<WireException>(() => BsonReader.Read(document)).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public void Write_NameWithNulOrHalfACharacter_IsRefused()
    {
        Should.Throw<ArgumentException>(() => Hex(new() { { "a\0b", 1 } }));
        Should.Throw<ArgumentException>(() => Hex(new() { { "a", "\ud83d" } }));
    }

    private static byte[] Nested(int depth) => depth == 1 ? [5, 0, 0, 0, 0] : Wrap(Nested(depth - 1));

    private static byte[] Wrap(byte[] inner) => [.. BitConverter.GetBytes(inner.Length + 8), 3, (byte)'d', 0, .. inner, 0];

    private static BsonDocument Read(string hex) => BsonReader.Read(Convert.FromHexString(hex));

    private static string Hex(BsonDocument document) => Convert.ToHexString(BsonWriter.Write(document));
}
