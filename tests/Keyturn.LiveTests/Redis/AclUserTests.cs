using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>Users as Redis and Valkey have them: what they are, and what a reset makes of them.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class AclUserTests : RedisLiveTest
{
    [Theory]
    [Feature(Feature.Reset)]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_UserHasTwoPasswords_LeavesOne(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "ACL", "SETUSER", user, "on", ">first", ">second");
        await using var admin = await ConnectAsync(server);

        var row = (await InspectAsync(admin, user)).Rows.ShouldHaveSingleItem();
        (await ReadBackAsync(admin, user, "first")).ShouldBe(ReadbackVerdict.Mixed);
        (await admin.SetPasswordAsync(Change(user, "third"), Cancel)).ShouldBeApplied();

        row.Remarks.ShouldContain(remark => remark.Contains("2 passwords"));
        (await ReadBackAsync(admin, user, "third")).ShouldBe(ReadbackVerdict.Matches);
        (await LoginAsync(server, user, "first")).ShouldBe(Login.WrongPassword);
        (await LoginAsync(server, user, "second")).ShouldBe(Login.WrongPassword);
        (await LoginAsync(server, user, "third")).ShouldBe(Login.Accepted);
    }

    [Theory]
    [Feature(Feature.States)]
    [MemberData(nameof(Servers))]
    public async Task TryLogin_NoPass_IsNotCheckedUntilAReset(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "ACL", "SETUSER", user, "on", "nopass");
        await using var admin = await ConnectAsync(server);

        (await LoginAsync(server, user, "anything")).ShouldBe(Login.NotChecked);
        (await InspectAsync(admin, user)).Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.PasswordNotAsked);
        (await ReadBackAsync(admin, user, "anything")).ShouldBe(ReadbackVerdict.Differs);
        (await admin.SetPasswordAsync(Change(user, "New-2"), Cancel)).ShouldBeApplied();

        (await LoginAsync(server, user, "anything")).ShouldBe(Login.WrongPassword);
        (await LoginAsync(server, user, "New-2")).ShouldBe(Login.Accepted);
    }

    /// <summary>The probe for nopass costs a line in the ACL LOG; a reset's own proof leaves none.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task TryLogin_AfterAReset_LeavesNoFailedLoginInTheAclLog(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await using var admin = await ConnectAsync(server);

        var change = await admin.SetPasswordAsync(Change(user, "New-2") with { CreateIfMissing = true }, Cancel);
        (await LoginAsync(server, user, "New-2", change.Derived)).ShouldBe(Login.Accepted);
        var afterReset = await FailedLoginsAsync(raw, user);
        (await LoginAsync(server, user, "New-2")).ShouldBe(Login.Accepted);
        var afterCheck = await FailedLoginsAsync(raw, user);

        afterReset.ShouldBe(0);
        afterCheck.ShouldBe(1);
    }

    [Theory]
    [Feature(Feature.States)]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_UserIsOff_StaysOff(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "ACL", "SETUSER", user, "off", ">Old-1");
        await using var admin = await ConnectAsync(server);

        (await InspectAsync(admin, user)).Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.LoginNotPermitted);
        (await admin.SetPasswordAsync(Change(user, "New-2"), Cancel)).ShouldBeApplied();

        // The same words as for a wrong password: only an inspection tells.
        (await LoginAsync(server, user, "New-2")).ShouldBe(Login.WrongPassword);
        (await ReadBackAsync(admin, user, "New-2")).ShouldBe(ReadbackVerdict.Matches);
        (await InspectAsync(admin, user)).Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.LoginNotPermitted);
    }

    [Theory]
    [Feature(Feature.Reset)]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_UserHasRightsAndSessions_BothStay(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "ACL", "SETUSER", user, "on", ">Old-1", "~app:*", "+get", "+acl|whoami");
        await using var session = await RawAsync(server, new LabLogin(user, "Old-1"));
        await using var admin = await ConnectAsync(server);

        (await admin.SetPasswordAsync(Change(user, "New-2"), Cancel)).ShouldBeApplied();

        (await TextAsync(session, "ACL", "WHOAMI")).ShouldBe(user);
        var rights = (await raw.ExecuteAsync(new RespCommand("ACL", "GETUSER", user), Cancel)).ShouldBeOfType<RespList>();
        rights.Find("keys").ShouldBeOfType<RespText>().Text.ShouldBe("~app:*");
        rights.Find("commands").ShouldBeOfType<RespText>().Text.Split(' ').ShouldBe(["-@all", "+get", "+acl|whoami"], ignoreOrder: true);
    }

    /// <summary>ACL SETUSER creates what is not there; the password that the user must still have keeps it from doing so.</summary>
    [Theory]
    [Feature(Feature.Reset)]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_UserIsDroppedAfterTheInspection_IsNotCreated(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "ACL", "SETUSER", user, "on", ">Old-1");
        await using var admin = await ConnectAsync(server);
        (await InspectAsync(admin, user)).Exists.ShouldBeTrue();
        await raw.ExecuteAsync(new RespCommand("ACL", "DELUSER", user), Cancel);

        var change = await admin.SetPasswordAsync(Change(user, "New-2"), Cancel);

        change.Change.ShouldBe(Engines.Change.Refused);
        change.Failure!.Error.ShouldBe(EngineError.AccountMissing);
        (await raw.ExecuteAsync(new RespCommand("ACL", "GETUSER", user), Cancel)).ShouldBeOfType<RespNull>();
    }

    [Theory]
    [Feature(Feature.Reset)]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_PasswordIsChangedAfterTheInspection_StillLeavesOne(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "ACL", "SETUSER", user, "on", ">Old-1");
        await using var admin = await ConnectAsync(server);
        await InspectAsync(admin, user);
        await OkAsync(raw, "ACL", "SETUSER", user, "resetpass", ">Between");

        (await admin.SetPasswordAsync(Change(user, "New-2"), Cancel)).ShouldBeApplied();

        (await ReadBackAsync(admin, user, "New-2")).ShouldBe(ReadbackVerdict.Matches);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task SetUser_ServerItself_BehavesAsTheEngineRelies(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var raw = await RawAsync(server);

        (await ErrorAsync(raw, "ACL", "SETUSER", user, "on", $"!{HashOf("x")}", ">new")).Code.ShouldBe("ERR");
        (await raw.ExecuteAsync(new RespCommand("ACL", "GETUSER", user), Cancel)).ShouldBeOfType<RespNull>("an error in the first rule creates nobody");
        await OkAsync(raw, "ACL", "SETUSER", user, "on", ">Old-1");
        await ErrorAsync(raw, "ACL", "SETUSER", user, "resetpass", ">New-2", "no such rule");
        await ErrorAsync(raw, "ACL", "SETUSER", user, "resetpass", $"#{HashOf("New-2").ToUpperInvariant()}");
        (await LoginAsync(server, user, "Old-1")).Login.ShouldBe(Login.Accepted, "an invalid rule applies nothing");
        await OkAsync(raw, "ACL", "SETUSER", user, "resetpass", ">");
        await using var empty = await RawAsync(server, new LabLogin(user, ""));
    }

    /// <summary>Before the login is done the servers take no longer argument.</summary>
    [Theory]
    [Feature(Feature.AnyText)]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_LongestPassword_LogsIn(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        var longest = new string('x', 16 * 1024);
        await using var admin = await ConnectAsync(server);

        (await admin.SetPasswordAsync(Change(user, longest) with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
        var longer = await admin.SetPasswordAsync(Change(user, longest + "x"), Cancel);

        (await LoginAsync(server, user, longest)).ShouldBe(Login.Accepted);
        longer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task DropAccount_Default_IsRefused(string name)
    {
        await using var admin = await ConnectAsync(Lab.Server(name));

        var drop = await admin.DropAccountAsync(new AccountName("default"), Cancel);

        drop.Change.ShouldBe(Engines.Change.Refused);
        drop.Failure!.Error.ShouldBe(EngineError.Unsupported);
    }

    private async Task<ReadbackVerdict> ReadBackAsync(IAdminSession admin, string user, string password) =>
        (await admin.ReadBackAsync(new AccountName(user), new Secret(password), Cancel)).Verdict;

    private async Task<long> FailedLoginsAsync(RedisClient raw, string user)
    {
        var log = (await raw.ExecuteAsync(new RespCommand("ACL", "LOG", "100"), Cancel)).ShouldBeOfType<RespList>();
        return log.Items.Cast<RespList>()
            .Where(entry => entry.Find("username") is RespText { Text: var of } && of == user && entry.Find("reason") is RespText { Text: "auth" })
            .Sum(entry => entry.Find("count").ShouldBeOfType<RespInteger>().Value);
    }
}
