using Keyturn.Access;

namespace Keyturn.Tests.Access;

public sealed class AccessRulesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData("a@b", true)]
    [InlineData("first.last+tag@sub.example.org", true)]
    [InlineData("", false)]
    [InlineData("@b", false)]
    [InlineData("a@", false)]
    [InlineData("a@b@c", false)]
    [InlineData("a:b@c", false)]
    [InlineData("a b@c", false)]
    [InlineData("ä@b", false)]
    [InlineData("a@b\n", false)]
    public void Broken_Email_IsWhatBasicAuthenticationCanCarry(string email, bool isGood) =>
        AccessRules.Broken(new Principal(Guid.NewGuid(), Guid.NewGuid(), "ci", Now) { Email = email }).Any().ShouldBe(!isGood);

    [Theory]
    [InlineData("eu-de_1.A", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("ä", false)]
    public void Broken_Name_IsOneWordOfAscii(string name, bool isGood)
    {
        AccessRules.Broken(new Principal(Guid.NewGuid(), Guid.NewGuid(), name, Now)).Any().ShouldBe(!isGood);
        AccessRules.Broken(new Project(Guid.NewGuid(), name, "r", Now)).Any().ShouldBe(!isGood);
        AccessRules.Broken(new Project(Guid.NewGuid(), "p", name, Now)).Any().ShouldBe(!isGood);
    }

    [Fact]
    public void Broken_TooLong_IsBroken()
    {
        AccessRules.Broken(new Principal(Guid.NewGuid(), Guid.NewGuid(), new string('a', 65), Now)).ShouldHaveSingleItem().Rule.ShouldBe("name");
        AccessRules.Broken(new Principal(Guid.NewGuid(), Guid.NewGuid(), "a", Now) { Email = new string('a', 253) + "@b" }).ShouldHaveSingleItem().Rule.ShouldBe("email");
        AccessRules.Broken(new PrincipalCredential(Guid.NewGuid(), Guid.NewGuid(), CredentialKind.Token, new string('a', 129), Now), Now).ShouldHaveSingleItem().Rule.ShouldBe("label");
    }

    [Fact]
    public void IsExpired_AtItsEnd_IsRefused()
    {
        var credential = new PrincipalCredential(Guid.NewGuid(), Guid.NewGuid(), CredentialKind.Token, "", Now) { ExpiresAt = Now.AddSeconds(1) };

        credential.IsExpired(Now).ShouldBeFalse();
        credential.IsExpired(Now.AddSeconds(1)).ShouldBeTrue();
        (credential with { ExpiresAt = null }).IsExpired(DateTimeOffset.MaxValue).ShouldBeFalse();
        AccessRules.Broken(credential with { ExpiresAt = Now }, Now).ShouldHaveSingleItem().Rule.ShouldBe("expires-at");
    }
}
