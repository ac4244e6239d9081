using Keyturn.Engines.Redis;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.Tests.Redis;

public sealed class RedisNamesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("a\vb")]
    [InlineData("a\fb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    public void Check_NameThatServersRefuse_IsInvalid(string user) => RedisNames.Check(new AccountName(user)).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);

    [Theory]
    [InlineData("app", "%", null)]
    [InlineData("app", null, "reports")]
    public void Check_NameOfAnotherEngine_IsInvalid(string user, string? host, string? database) =>
        RedisNames.Check(new AccountName(user, host, database)).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);

    [Fact]
    public void Check_Lengths_CountUtf8Bytes()
    {
        RedisNames.Check(new AccountName(new string('x', 1024))).ShouldBeNull();
        RedisNames.Check(new AccountName(new string('ü', 512))).ShouldBeNull();
        RedisNames.Check(new AccountName(new string('ü', 512) + "x")).ShouldNotBeNull();
        RedisNames.Check(new Secret(new string('x', 16 * 1024))).ShouldBeNull();
        RedisNames.Check(new Secret(new string('x', (16 * 1024) + 1))).ShouldNotBeNull();
    }

    [Fact]
    public void Check_HalfASurrogatePair_IsInvalid()
    {
        RedisNames.Check(new AccountName("a\ud83d")).ShouldNotBeNull();
        RedisNames.Check(new Secret("a\ud83d")).ShouldNotBeNull();
        RedisNames.Check(new Secret("a\ufffd")).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Check_PasswordThatWouldNotBeOne_IsInvalid(string password) => RedisNames.Check(new Secret(password)).ShouldNotBeNull();
}
