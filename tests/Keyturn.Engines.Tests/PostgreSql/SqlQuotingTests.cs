using Keyturn.Engines.PostgreSql;

namespace Keyturn.Engines.Tests.PostgreSql;

public sealed class SqlQuotingTests
{
    [Theory]
    [InlineData("app", "\"app\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a'b\\c", "\"a'b\\c\"")]
    public void Identifier_AnyName_IsOneToken(string name, string expected) => SqlQuoting.Identifier(name).ShouldBe(expected);

    [Theory]
    [InlineData("", "''")]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\"b", "'a\"b'")]
    [InlineData("a\\'b", " E'a\\\\''b'")]
    public void Literal_AnyText_IsOneToken(string text, string expected) => SqlQuoting.Literal(text).ShouldBe(expected);

    [Fact]
    public void Nul_Anywhere_IsABug()
    {
        Should.Throw<ArgumentException>(() => SqlQuoting.Identifier("a\0"));
        Should.Throw<ArgumentException>(() => SqlQuoting.Literal("a\0"));
    }
}
