using Keyturn.Engines.MySql;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.Tests.MySql;

public sealed class AccountRulesTests
{
    private readonly AccountRules _rules = new(longestUser: 32);

    [Theory]
    [InlineData("a", null)]
    [InlineData("a", "%")]
    [InlineData("naïve 密码 '`\\@", "10.0.0.%")]
    [InlineData("12345678901234567890123456789012", "localhost")]
    public void Validate_NameTheServerHolds_IsNoFailure(string user, string? host) => _rules.Validate(new AccountName(user, host)).ShouldBeNull();

    [Theory]
    [InlineData("", null)]
    [InlineData("a\0b", null)]
    [InlineData("123456789012345678901234567890123", null)]
    [InlineData("\U0001F511", null)]
    [InlineData("trailing ", null)]
    [InlineData("a", "")]
    [InlineData("a", "h\0")]
    public void Validate_NameTheServerWouldChange_IsInvalid(string user, string? host) =>
        _rules.Validate(new AccountName(user, host)).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);

    [Fact]
    public void Validate_AuthenticationDatabase_IsInvalid() =>
        _rules.Validate(new AccountName("a", AuthDatabase: "reports")).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);

    [Fact]
    public void Validate_PasswordThatCannotBeSent_IsInvalid()
    {
        // Half of a surrogate pair cannot stand in an attribute, which is UTF-8.
        foreach (var password in (string[])["", "a\0b", "a\ud800b"])
        {
            AccountRules.Validate(new Secret(password)).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
        }
    }

    [Fact]
    public void Validate_PasswordLength_CountsBytes()
    {
        AccountRules.Validate(new Secret(new string('x', 256))).ShouldBeNull();
        AccountRules.Validate(new Secret(new string('x', 257))).ShouldNotBeNull();
        AccountRules.Validate(new Secret(new string('ä', 129))).ShouldNotBeNull();
    }
}
