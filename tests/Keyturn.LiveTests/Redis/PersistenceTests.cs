using Keyturn.Engines;

namespace Keyturn.LiveTests.Redis;

/// <summary>Whether a changed password survives a restart.</summary>
[Feature(Feature.Persist)]
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class PersistenceTests : RedisLiveTest
{
    private static readonly LabLogin DefaultUser = new("default", "Old-1");

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Persist_AclFile_OnlyWhatWasSavedSurvives(string name)
    {
        await using var own = new OwnRedis(Lab.Server(name));
        own.UseAclFile($"user default on #{HashOf(DefaultUser.Password)} ~* &* +@all");
        await own.StartAsync(Cancel);
        await using var admin = await ConnectOwnAsync(name, own, DefaultUser);
        (await admin.SetPasswordAsync(Change("app", "Saved-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
        (await PersistAsync(admin)).ShouldBeApplied();
        (await admin.SetPasswordAsync(Change("app", "Forgotten-3"), Cancel)).ShouldBeApplied();

        await own.RestartAsync(Cancel);

        (await LoginAsync(Lab.Server(name), "app", "Forgotten-3", target: own.Target)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(Lab.Server(name), "app", "Saved-2", target: own.Target)).ShouldBe(Login.Accepted);
    }

    /// <summary>The rewritten <c>user default</c> line wins over <c>requirepass</c>, wherever that stands.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Persist_RequirePass_NewPasswordOfDefaultSurvivesOldDoesNot(string name)
    {
        await using var own = new OwnRedis(Lab.Server(name), $"requirepass {DefaultUser.Password}");
        await own.StartAsync(Cancel);
        await using var admin = await ConnectOwnAsync(name, own, DefaultUser);

        (await admin.SetPasswordAsync(Change("default", "New-2"), Cancel)).ShouldBeApplied();
        (await PersistAsync(admin)).ShouldBeApplied();
        await own.RestartAsync(Cancel);

        (await LoginAsync(Lab.Server(name), "default", DefaultUser.Password, target: own.Target)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(Lab.Server(name), "default", "New-2", target: own.Target)).ShouldBe(Login.Accepted);
        await using var again = await ConnectOwnAsync(name, own, new LabLogin("default", "New-2"));
        again.Session.Start.ShouldNotBe(admin.Session.Start);
        (await again.EndSessionAsync(admin.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Persist_ConfigFile_UserSurvivesWithItsRights(string name)
    {
        await using var own = new OwnRedis(Lab.Server(name), $"requirepass {DefaultUser.Password}", $"user back\\slash on #{HashOf("Old-1")} ~app:* +get");
        await own.StartAsync(Cancel);
        await using var admin = await ConnectOwnAsync(name, own, DefaultUser);

        (await admin.SetPasswordAsync(Change("back\\slash", "New-2"), Cancel)).ShouldBeApplied();
        (await PersistAsync(admin)).ShouldBeApplied();
        await own.RestartAsync(Cancel);

        (await LoginAsync(Lab.Server(name), "back\\slash", "New-2", target: own.Target)).ShouldBe(Login.Accepted);
        (await File.ReadAllTextAsync(own.ConfigFile, Cancel)).ShouldContain("~app:*");
    }

    /// <summary>Without the refusal the server would not start again: "Unbalanced quotes in configuration line".</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Persist_ConfigFileAndQuoteInAName_IsNotPersistedAndServerStartsAgain(string name)
    {
        await using var own = new OwnRedis(Lab.Server(name), $"requirepass {DefaultUser.Password}");
        await own.StartAsync(Cancel);
        await using var admin = await ConnectOwnAsync(name, own, DefaultUser);
        (await admin.SetPasswordAsync(Change("o'brien", "New-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();

        var persisted = await PersistAsync(admin);
        await own.RestartAsync(Cancel);

        persisted.Change.ShouldBe(Engines.Change.Refused);
        persisted.Failure!.Error.ShouldBe(EngineError.NotPersisted);
        (await LoginAsync(Lab.Server(name), "default", DefaultUser.Password, target: own.Target)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Persist_NoFileAtAll_IsNotPersisted()
    {
        var server = Lab.Server("redis-7-volatile");
        await using var admin = await ConnectAsync(server);

        var persisted = await PersistAsync(admin);

        persisted.Change.ShouldBe(Engines.Change.Refused);
        persisted.Failure!.Error.ShouldBe(EngineError.NotPersisted);
        admin.Server.Remarks.ShouldContain(remark => remark.Contains("do not survive a restart"));
    }

    /// <summary>An admin who may not ask for the ACL file's name learns from the server's refusal that it has none.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Persist_AdminMayNotReadSettings_StillWritesTheConfigFile(string name)
    {
        await using var own = new OwnRedis(Lab.Server(name), $"requirepass {DefaultUser.Password}", $"user few on #{HashOf("Few-1")} +@all -config +config|rewrite");
        await own.StartAsync(Cancel);
        await using var admin = await ConnectOwnAsync(name, own, new LabLogin("few", "Few-1"));

        (await admin.SetPasswordAsync(Change("app", "New-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
        (await PersistAsync(admin)).ShouldBeApplied();

        (await File.ReadAllLinesAsync(own.ConfigFile, Cancel)).ShouldContain(line => line.StartsWith("user app on ") && line.Contains(HashOf("New-2")));
    }

    /// <summary>Without an ACL file other commands are needed; what inspection names suffices here too.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_UsersStandInTheConfigFile_NamesWhatWritingItTakes(string name)
    {
        var server = Lab.Server(name);
        await using var own = new OwnRedis(
            server, $"requirepass {DefaultUser.Password}", $"user few on #{HashOf("Few-1")} +info +config|get +acl|dryrun", $"user app on #{HashOf("Old-1")}");
        await own.StartAsync(Cancel);
        await using var raw = await RawAsync(server with { PlainPort = own.Port }, DefaultUser);
        await using var admin = await ConnectOwnAsync(name, own, new LabLogin("few", "Few-1"));

        var missing = (await admin.ReadMissingRightsAsync(Cancel)).Value.ShouldNotBeNull();
        missing.Single(right => right.Capability == Capability.Reset).Grant.ShouldBe("ACL SETUSER few +acl|getuser +acl|setuser +config|rewrite +acl|list");
        foreach (var right in missing)
        {
            await OkAsync(raw, right.Grant.Split(' '));
        }

        (await admin.ReadMissingRightsAsync(Cancel)).Value.ShouldBeEmpty();
        (await InspectAsync(admin, "app")).Missing.ShouldBeEmpty();
        (await admin.SetPasswordAsync(Change("app", "New-2"), Cancel)).ShouldBeApplied();
        (await PersistAsync(admin)).ShouldBeApplied();
        (await File.ReadAllLinesAsync(own.ConfigFile, Cancel)).ShouldContain(line => line.StartsWith("user app on ") && line.Contains(HashOf("New-2")));
    }

    private async Task<IAdminSession> ConnectOwnAsync(string name, OwnRedis own, LabLogin login) => await ConnectAsync(Lab.Server(name), login, own.Target);

    private async Task<ChangeResult> PersistAsync(IAdminSession admin) => await admin.ShouldBeAssignableTo<IPersistsAccounts>()!.PersistAsync(Cancel);
}
