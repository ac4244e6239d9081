using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.Redis;

/// <summary>Admin logins with less than all rights.</summary>
[Feature(Feature.Rights)]
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class AdminRightsTests : RedisLiveTest
{
    private const string Least = "+info +config|get +acl|getuser +acl|dryrun";

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_AdminMayOnlyRead_NamesTheGrantThatThenSuffices(string name)
    {
        var server = Lab.Server(name);
        var (login, user) = await AdminAsync(server, Least);
        await using var raw = await RawAsync(server);
        await using var admin = await ConnectAsync(server, login);

        var before = await InspectAsync(admin, user);
        var refused = await admin.SetPasswordAsync(Change(user, "New-2"), Cancel);
        await OkAsync(raw, before.MissingGrant.ShouldNotBeNull().Split(' '));
        await OkAsync(raw, before.GrantFor(Capability.Recovery).ShouldNotBeNull().Split(' '));
        var after = await InspectAsync(admin, user);

        before.MayChangePassword.ShouldBe(false);
        before.MissingGrant.ShouldBe($"ACL SETUSER {login.User} +acl|setuser +acl|save");
        refused.Change.ShouldBe(Engines.Change.Refused);
        refused.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        refused.Failure.Detail.ShouldEndWith($"Missing: ACL SETUSER {login.User} +acl|setuser");
        after.MayChangePassword.ShouldBe(true);
        after.Missing.ShouldBeEmpty();
        (await admin.SetPasswordAsync(Change(user, "New-2"), Cancel)).ShouldBeApplied();
        (await ((IPersistsAccounts)admin).PersistAsync(Cancel)).ShouldBeApplied();
        (await LoginAsync(server, user, "New-2")).ShouldBe(Login.Accepted);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_AdminMayNotEndSessions_MayStillChange(string name)
    {
        var server = Lab.Server(name);
        var (login, user) = await AdminAsync(server, $"{Least} +acl|setuser +acl|save");
        await using var admin = await ConnectAsync(server, login);

        var inspection = await InspectAsync(admin, user);
        var end = await admin.EndSessionAsync(admin.Session with { Id = "1" }, Cancel);

        inspection.MayChangePassword.ShouldBe(true);
        inspection.MissingGrant.ShouldBeNull();
        inspection.Missing.Select(right => (right.Capability, right.Grant)).ShouldBe(
        [
            (Capability.Recovery, $"ACL SETUSER {login.User} +client|kill +client|list"),
            (Capability.Sessions, $"ACL SETUSER {login.User} +client|kill +client|list"),
        ]);
        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        end.Failure.Detail.ShouldContain($"Missing: ACL SETUSER {login.User} +client|");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_AdminMayNotAskForItsRights_OnlyTryingTells(string name)
    {
        var server = Lab.Server(name);
        var (login, user) = await AdminAsync(server, "+info +acl|getuser +acl|setuser +acl|save");
        await using var admin = await ConnectAsync(server, login);

        var inspection = await InspectAsync(admin, user);

        inspection.MayChangePassword.ShouldBeNull();
        inspection.MissingGrant.ShouldBe($"ACL SETUSER {login.User} +acl|dryrun +config|get");
        (await admin.SetPasswordAsync(Change(user, "New-2"), Cancel)).ShouldBeApplied();
        (await ((IPersistsAccounts)admin).PersistAsync(Cancel)).ShouldBeApplied();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task AnyVerb_AdminMayNotReadUsers_NamesTheGrant(string name)
    {
        var server = Lab.Server(name);
        var (login, user) = await AdminAsync(server, "+info +acl|setuser");
        await using var admin = await ConnectAsync(server, login);

        var inspection = await admin.InspectAsync(new AccountName(user), Cancel);
        var change = await admin.SetPasswordAsync(Change(user, "New-2"), Cancel);

        inspection.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        inspection.Failure.Detail.ShouldEndWith($"Missing: ACL SETUSER {login.User} +acl|getuser +acl|dryrun +config|get");
        change.Change.ShouldBe(Engines.Change.NotSent);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Connect_AdminMayNotAskInfo_NamesTheGrant(string name)
    {
        var server = Lab.Server(name);
        var (login, _) = await AdminAsync(server, "+acl");

        var answer = await EngineOf(server).ConnectAsync(Lab.Target(server), login.Credential, Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        answer.Failure.Detail.ShouldEndWith($"Missing: ACL SETUSER {login.User} +info +config|get +acl|dryrun");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ListAccounts_Users_TellsWhoMayChangeOthers(string name)
    {
        var server = Lab.Server(name);
        var (login, user) = await AdminAsync(server, "+acl|setuser");
        await using var admin = await ConnectAsync(server);

        var rows = (await admin.ListAccountsAsync(Cancel)).Value.ShouldNotBeNull().ToDictionary(row => row.Name.User);

        rows["default"].IsAdmin.ShouldBeTrue();
        rows[login.User].IsAdmin.ShouldBeTrue();
        rows[user].IsAdmin.ShouldBeFalse();
        rows[user].LoginObstacle.ShouldBe(EngineError.None);
    }

    /// <summary>An admin with these rights, and an account for it to change.</summary>
    private async Task<(LabLogin Admin, string User)> AdminAsync(LabServer server, string rights)
    {
        var (admin, user) = (new LabLogin(NewUser(server), "Admin-1"), NewUser(server));
        await using var raw = await RawAsync(server);
        await OkAsync(raw, ["ACL", "SETUSER", admin.User, "on", $">{admin.Password}", .. rights.Split(' ')]);
        await OkAsync(raw, "ACL", "SETUSER", user, "on", ">Old-1", "~*", "+get");
        return (admin, user);
    }
}
