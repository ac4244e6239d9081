using System.Reflection;
using Keyturn.Access;

namespace Keyturn.Tests.Access;

public sealed class ScopesTests
{
    public static TheoryData<string> Actions =>
        [.. typeof(KeyturnAction).GetFields(BindingFlags.Public | BindingFlags.Static).Where(member => member.IsLiteral).Select(constant => (string)constant.GetValue(obj: null)!)];

    [Theory]
    [MemberData(nameof(Actions))]
    public void Allows_EveryAction_ByItselfByItsFamilyAndByAll(string action)
    {
        var family = action[..(action.LastIndexOf(':') + 1)] + "*";

        foreach (var name in new[] { action, family, "keyturn:*", "*" })
        {
            Scopes.TryParse([name])!.Allows(action).ShouldBeTrue(name);
        }

        var others = Actions.Select(row => row.Data).Where(other => other != action).ToArray();
        Scopes.TryParse(others)!.Allows(action).ShouldBeFalse();
    }

    [Theory]
    [InlineData("database:read", KeyturnAction.ReadAccount, true)]
    [InlineData("database:read", KeyturnAction.RevealAccount, false)]
    [InlineData("database:read", KeyturnAction.ResetAccount, false)]
    [InlineData("database:view_credentials", KeyturnAction.RevealAccount, true)]
    [InlineData("database:update", KeyturnAction.ResetAccount, true)]
    [InlineData("database:update", KeyturnAction.DropAccount, false)]
    [InlineData("database:delete", KeyturnAction.DropAccount, true)]
    public void Allows_DigitalOceansScopes_WhatTheyStandFor(string scope, string action, bool isAllowed) =>
        Scopes.TryParse([scope])!.Allows(action).ShouldBe(isAllowed);

    [Theory]
    [InlineData()]
    [InlineData("")]
    [InlineData(":*")]
    [InlineData("**")]
    [InlineData("keyturn:acc*")]
    [InlineData("keyturn:account:Reset")]
    [InlineData("database:*")]
    [InlineData("keyturn:account:read", "nonsense")]
    public void TryParse_NameThatIsNone_IsNull(params string[] names) => Scopes.TryParse(names).ShouldBeNull();

    [Fact]
    public void Covers_OnlyWhatIsInside()
    {
        var account = Scopes.TryParse(["keyturn:account:*"])!;

        account.Covers(Scopes.TryParse(["database:update", "database:view_credentials"])!).ShouldBeTrue();
        account.Covers(Scopes.TryParse(["database:read"])!).ShouldBeFalse("It reads instances too.");
        account.Covers(Scopes.All).ShouldBeFalse();
        Scopes.All.Covers(account).ShouldBeTrue();
        account.Covers(account).ShouldBeTrue();
    }

    [Fact]
    public void Equals_SameReachByOtherNames_IsEqual()
    {
        Scopes.TryParse(["keyturn:*"]).ShouldBe(Scopes.All);
        Scopes.TryParse(["database:view_credentials"]).ShouldBe(Scopes.TryParse([KeyturnAction.RevealAccount]));
    }
}
