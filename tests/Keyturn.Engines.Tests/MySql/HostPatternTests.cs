using Keyturn.Engines.MySql;

namespace Keyturn.Engines.Tests.MySql;

public sealed class HostPatternTests
{
    [Theory]
    [InlineData("%", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("10.0.%", "10.0.7.9")]
    [InlineData("%.example.com", "db.Example.com")]
    [InlineData("10.0.0._", "10.0.0.7")]
    [InlineData("%0%9", "10.0.0.99")]
    [InlineData("10.0.0.0/255.255.255.0", "10.0.0.7")]
    [InlineData("10.0.0.0/24", "10.0.0.7")]
    [InlineData("10.0.0.0/255.255.255.0", "db.example.com")]
    [InlineData("10.0.0.0/nonsense", "192.168.1.1")]
    [InlineData("10.0.0.1", "db.example.com")]
    [InlineData("10.%", "db.example.com")]
    [InlineData("", "127.0.0.1")]
    [InlineData("localhost", "localhost")]
    public void MayMatch_ServerCouldChooseTheRow_IsTrue(string pattern, string client) => HostPattern.MayMatch(pattern, client).ShouldBeTrue();

    [Theory]
    [InlineData("10.9.8.7", "127.0.0.1")]
    [InlineData("10.0.0.0/255.255.255.0", "192.168.1.1")]
    [InlineData("10.0.0.0/24", "10.0.1.7")]
    [InlineData("10.0.0.7/255.255.255.0", "10.0.0.7")]
    [InlineData("10.%", "127.0.0.1")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("db.example.com", "127.0.0.1")]
    [InlineData("other.example.com", "db.example.com")]
    [InlineData("10.0.0._", "10.0.0.77")]
    [InlineData("a\\_c", "abc")]
    [InlineData("%.example.com", "example.org")]
    public void MayMatch_RowIsForOthers_IsFalse(string pattern, string client) => HostPattern.MayMatch(pattern, client).ShouldBeFalse();

    [Fact]
    public void MayMatch_ManyWildcards_EndsAtOnce() => HostPattern.MayMatch(string.Concat(Enumerable.Repeat("%a", 100)), new string('b', 200)).ShouldBeFalse();
}
