using Keyturn.Engines.MySql;
using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.Tests.MySql;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("plain", "'plain'", "'plain'")]
    [InlineData("quo'te", "'quo''te'", "'quo''te'")]
    [InlineData(@"back\", @"'back\\'", @"'back\'")]
    [InlineData(@"\' OR 1=1 --", @"'\\'' OR 1=1 --'", @"'\'' OR 1=1 --'")]
    [InlineData("\"", "'\"'", "'\"'")]
    public void Literal_BothModes_EndsWhereItShould(string text, string withEscapes, string withoutEscapes)
    {
        SqlText.Literal(text, StatusFlags.None).ShouldBe(withEscapes);
        SqlText.Literal(text, StatusFlags.NoBackslashEscapes).ShouldBe(withoutEscapes);
    }

    [Fact]
    public void Account_Backquotes_AreDoubled() => SqlText.Account(new AccountName(@"a`b'\", "10.`%")).ShouldBe(@"`a``b'\`@`10.``%`");

    [Fact]
    public void Account_AllRows_HasNoForm() => Should.Throw<ArgumentException>(() => SqlText.Account(new AccountName("app")));
}
