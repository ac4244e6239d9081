using System.Text;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.Sasl;

public sealed class SaslPrepTests
{
    // RFC 4013 section 3.
    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("a\u200Bb", "a b")]
    [InlineData("\u0627\u0644\u0639", "\u0627\u0644\u0639")]
    [InlineData("cafe\u0301", "caf\u00E9")]
    public void TryPrepare_Allowed_IsMappedAndNormalised(string text, string expected)
    {
        SaslPrep.TryPrepare(text, out var prepared).ShouldBeTrue();
        prepared.ShouldBe(expected);
    }

    [Theory]
    [InlineData("\u0007")]
    [InlineData("\u06271")]
    [InlineData("\u0627 latin")]
    [InlineData("\uE000")]
    [InlineData("\uFFFD \u00E9")]
    [InlineData("\u0340")]
    [InlineData("\uD83D\uDD11")]
    [InlineData("\u00AD")]
    [InlineData("")]
    public void TryPrepare_Prohibited_IsRefused(string text) => SaslPrep.TryPrepare(text, out _).ShouldBeFalse();

    [Fact]
    public void TryPrepare_HalfASurrogatePair_IsRefused() => SaslPrep.TryPrepare("a\uD83D", out _).ShouldBeFalse();

    [Fact]
    public void PrepareOrKeep_Prohibited_IsTheTextAsItIs() =>
        SaslPrep.PrepareOrKeep("\U0001F511 \uFB01").ShouldBe(Encoding.UTF8.GetBytes("\U0001F511 \uFB01"));

    [Theory]
    [InlineData(0x0221, true)]
    [InlineData(0x0220, false)]
    [InlineData(0x0234, true)]
    [InlineData(0x0240, true)]
    [InlineData(0x024F, true)]
    [InlineData(0x0250, false)]
    [InlineData(0xEFFFD, true)]
    public void Unassigned_BoundsOfRanges_AreInside(int codePoint, bool expected) =>
        StringprepTables.Unassigned.Contains(new Rune(codePoint)).ShouldBe(expected);
}
