using Keyturn.Wire.MySql;

namespace Keyturn.Wire.Tests.MySql;

public sealed class PacketReaderTests
{
    [Theory]
    [InlineData(new byte[] { 0xFA }, 0xFAul)]
    [InlineData(new byte[] { 0xFC, 0x01, 0x02 }, 0x0201ul)]
    [InlineData(new byte[] { 0xFD, 0x01, 0x02, 0x03 }, 0x030201ul)]
    [InlineData(new byte[] { 0xFE, 1, 2, 3, 4, 5, 6, 7, 8 }, 0x0807060504030201ul)]
    public void LengthEncodedInteger_EachWidth_IsRead(byte[] bytes, ulong expected) =>
        new PacketReader(bytes).LengthEncodedInteger().ShouldBe(expected);

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0xFB })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xFC, 1 })]
    [InlineData(new byte[] { 0xFD, 1, 2 })]
    [InlineData(new byte[] { 0xFE, 1, 2, 3, 4, 5, 6, 7 })]
    public void LengthEncodedInteger_CutOrImpossible_IsAViolation(byte[] bytes) =>
        ShouldViolate(() => new PacketReader(bytes).LengthEncodedInteger());

    [Theory]
    [InlineData(new byte[] { 2, 65 })]
    [InlineData(new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 65 })]
    [InlineData(new byte[] { 0xFE, 0, 0, 0, 0x80, 0, 0, 0, 0, 65 })]
    public void LengthEncodedBytes_LengthPastTheEnd_IsAViolation(byte[] bytes) =>
        ShouldViolate(() => new PacketReader(bytes).LengthEncodedBytes().Length);

    [Fact]
    public void NullTerminated_WithoutNul_IsAViolation() => ShouldViolate(() => new PacketReader("abc"u8).NullTerminated().Length);

    private static void ShouldViolate<T>(Func<T> read) => Should.Throw<WireException>(() => { _ = read(); }).Fault.ShouldBe(WireFault.ProtocolViolation);
}
