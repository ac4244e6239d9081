using Keyturn.Engines.Redis;
using Keyturn.Instances;

namespace Keyturn.Engines.Tests.Redis;

public sealed class AclUserTests
{
    [Fact]
    public void FromRule_AllThatMayStandThere_IsRead()
    {
        var (name, user) = AclUser.FromRule("user \"app\" on sanitize-payload #aa #bb ~k:* resetchannels -@all +get (+set ~#no -@all +acl)");

        name.ShouldBe(new AccountName("\"app\""));
        user.IsOn.ShouldBeTrue();
        user.HasNoPass.ShouldBeFalse();
        user.Hashes.ShouldBe(["aa", "bb"]);
        user.Commands.ShouldBe("-@all +get");
    }

    [Fact]
    public void FromRule_NamesLikeRules_AreNames()
    {
        var (name, user) = AclUser.FromRule("user #on off nopass ~* +@all");

        name.User.ShouldBe("#on");
        user.IsOn.ShouldBeFalse();
        user.HasNoPass.ShouldBeTrue();
        user.Hashes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("user")]
    [InlineData("")]
    public void FromRule_ServerLies_IsNobodyInParticular(string line) => AclUser.FromRule(line).Name.User.ShouldBe("");

    [Theory]
    [InlineData("+@all", true)]
    [InlineData("-@all", false)]
    [InlineData("", false)]
    [InlineData("-@all +get +acl|setuser", true)]
    [InlineData("-@all +acl", true)]
    [InlineData("-@all +@admin", true)]
    [InlineData("+@all -acl", false)]
    [InlineData("+@all -@dangerous", false)]
    [InlineData("+@all -@dangerous +acl|setuser", true)]
    [InlineData("-@all +@read +@write", false)]
    [InlineData("+@all -flushall", true)]
    public void ToRow_Commands_TellWhoMayChangeAccounts(string commands, bool isAdmin) =>
        new AclUser(IsOn: true, HasNoPass: false, Hashes: ["aa"], commands).ToRow(new AccountName("app")).IsAdmin.ShouldBe(isAdmin);

    [Theory]
    [InlineData(true, false, EngineError.None)]
    [InlineData(false, false, EngineError.LoginNotPermitted)]
    [InlineData(true, true, EngineError.PasswordNotAsked)]
    [InlineData(false, true, EngineError.LoginNotPermitted)]
    public void ToRow_Flags_AreTheObstacle(bool isOn, bool hasNoPass, EngineError obstacle) =>
        new AclUser(isOn, hasNoPass, [], "-@all").ToRow(new AccountName("app")).LoginObstacle.ShouldBe(obstacle);
}
