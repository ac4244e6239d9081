using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>Users are not replicated: each node has its own, and takes changes of its own.</summary>
[Feature(Feature.Replicas)]
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class ReplicaTests : RedisLiveTest
{
    private static readonly LabLogin Admin = new("default", "Old-1");

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_OnEachNode_EachHasItsOwn(string name)
    {
        var server = Lab.Server(name);
        await using var primary = new OwnRedis(server, $"requirepass {Admin.Password}", $"user link on #{HashOf("Link-1")} +psync +replconf +ping");
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}", "masteruser link", "masterauth Link-1");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await using var onPrimary = await ConnectAsync(server, Admin, primary.Target);
        await using var onReplica = await ConnectAsync(server, Admin, replica.Target);

        (await onPrimary.SetPasswordAsync(Change("app", "Primary-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
        (await InspectAsync(onReplica, "app")).Exists.ShouldBeFalse("the user has come over the link");
        (await onReplica.SetPasswordAsync(Change("app", "Replica-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();

        onReplica.Server.IsReadOnly.ShouldBeFalse();
        onReplica.Server.Remarks.ShouldContain(remark => remark.Contains("replica"));
        (await LoginAsync(server, "app", "Primary-2", target: primary.Target)).ShouldBe(Login.Accepted);
        (await LoginAsync(server, "app", "Primary-2", target: replica.Target)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(server, "app", "Replica-2", target: replica.Target)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_UserOfTheReplication_RemarksThatMasterAuthMustFollow(string name)
    {
        var server = Lab.Server(name);
        await using var replica = new OwnRedis(
            server, $"requirepass {Admin.Password}", "replicaof 127.0.0.1 1", "masteruser link", "masterauth Link-1", $"user link on #{HashOf("Link-1")}");
        await replica.StartAsync(Cancel);
        await using var admin = await ConnectAsync(server, Admin, replica.Target);

        (await InspectAsync(admin, "link")).Rows.ShouldHaveSingleItem().Remarks.ShouldContain(remark => remark.Contains("masterauth"));
        (await InspectAsync(admin, "default")).Rows.ShouldHaveSingleItem().Remarks.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_UserOfTheReplication_LinkLastsUntilItBreaksAndThenNeedsTheNewMasterAuth(string name)
    {
        var server = Lab.Server(name);
        await using var primary = new OwnRedis(
            server, $"requirepass {Admin.Password}", "repl-diskless-sync-delay 0", $"user link on #{HashOf("Link-1")} +psync +replconf +ping");
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}", "masteruser link", "masterauth Link-1");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await using var onPrimary = await OpenAsync(primary);
        await using var onReplica = await OpenAsync(replica);
        await LinkShouldBecomeAsync("up", onReplica);

        await using var admin = await ConnectAsync(server, Admin, primary.Target);
        (await admin.SetPasswordAsync(Change("link", "Link-2"), Cancel)).ShouldBeApplied();
        (await LinkAsync(onReplica)).ShouldBe("up");
        await onPrimary.ExecuteAsync(new RespCommand("CLIENT", "KILL", "TYPE", "replica"), Cancel);
        await LinkShouldBecomeAsync("down", onReplica);
        await OkAsync(onReplica, "CONFIG", "SET", "masterauth", "Link-2");

        await LinkShouldBecomeAsync("up", onReplica);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Follow_UserOfTheReplication_LinkComesBackByItselfAlsoAfterARestart(string name)
    {
        var server = Lab.Server(name);
        await using var primary = new OwnRedis(server, "repl-diskless-sync-delay 0");
        primary.UseAclFile($"user default on #{HashOf(Admin.Password)} ~* &* +@all\nuser link on #{HashOf("Link-1")} +psync +replconf +ping");
        await using var replica = new OwnRedis(server, $"replicaof 127.0.0.1 {primary.Port}", "masteruser link", "masterauth Link-1", "slowlog-log-slower-than 0");
        replica.UseAclFile($"user default on #{HashOf(Admin.Password)} ~* &* +@all\nuser link on #{HashOf("Link-1")} +psync +replconf +ping");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await using var onPrimary = await OpenAsync(primary);
        await using (var onReplica = await OpenAsync(replica))
        {
            await LinkShouldBecomeAsync("up", onReplica);
        }

        foreach (var node in new[] { primary, replica })
        {
            await using var admin = await ConnectAsync(server, Admin, node.Target);
            (await admin.SetPasswordAsync(Change("link", "Link-2-canary"), Cancel)).ShouldBeApplied();
            var followed = await Following(admin).FollowAsync(new AccountName("link"), new Secret("Link-2-canary"), Cancel);
            followed.ShouldBe(new FollowResult(Follows: node == replica) { WasUp = node == replica });
            (await admin.ShouldBeAssignableTo<IPersistsAccounts>()!.PersistAsync(Cancel)).ShouldBeApplied();
            (await Following(admin).AwaitLinkAsync(Cancel)).ShouldBeNull();
        }

        await onPrimary.ExecuteAsync(new RespCommand("CLIENT", "KILL", "TYPE", "replica"), Cancel);
        await using (var onReplica = await OpenAsync(replica))
        {
            await LinkShouldBecomeAsync("up", onReplica);
            var slow = await onReplica.ExecuteAsync(new RespCommand("SLOWLOG", "GET", "128"), Cancel);
            Texts(slow).ShouldContain("masterauth");
            Texts(slow).ShouldNotContain(text => text.Contains("canary"));
        }

        await replica.RestartAsync(Cancel);
        await using var again = await OpenAsync(replica);
        await LinkShouldBecomeAsync("up", again);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_AdminMayNotSetMasterAuth_NamesTheGrantBeforeAnythingIsChanged(string name)
    {
        var server = Lab.Server(name);
        await using var replica = new OwnRedis(
            server, $"requirepass {Admin.Password}", "replicaof 127.0.0.1 1", "masteruser link", "masterauth Link-1", $"user link on #{HashOf("Link-1")}",
            $"user few on #{HashOf("Few-1")} +@all -config|set");
        await replica.StartAsync(Cancel);
        await using var admin = await ConnectAsync(server, new LabLogin("few", "Few-1"), replica.Target);

        var link = await InspectAsync(admin, "link");

        link.MayChangePassword.ShouldBe(false);
        link.MissingGrant.ShouldBe("ACL SETUSER few +config|set");
        (await InspectAsync(admin, "default")).MayChangePassword.ShouldBe(true);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Follow_DefaultWithoutMasterUser_ReplicaFollowsAndAPlainPrimaryGetsNone(string name)
    {
        var server = Lab.Server(name);
        await using var primary = new OwnRedis(server, $"requirepass {Admin.Password}");
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}", $"masterauth {Admin.Password}");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await using var onPrimary = await ConnectAsync(server, Admin, primary.Target);
        await using var onReplica = await ConnectAsync(server, Admin, replica.Target);

        (await Following(onPrimary).FollowAsync(new AccountName("default"), new Secret("New-2"), Cancel)).Follows.ShouldBeFalse();
        (await Following(onReplica).FollowAsync(new AccountName("default"), new Secret("New-2"), Cancel)).Follows.ShouldBeTrue();
        (await Following(onReplica).FollowAsync(new AccountName("app"), new Secret("New-2"), Cancel)).Follows.ShouldBeFalse();

        await using var raw = await OpenAsync(primary);
        (await raw.ExecuteAsync(new RespCommand("CONFIG", "GET", "masterauth"), Cancel)).ShouldBeOfType<RespList>().Items[1].ShouldBeOfType<RespText>().Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task SetPassword_TwoNodesOfTheLab_ChangesTheOneItSpeaksTo()
    {
        var (one, two) = (Lab.Server("redis-7"), Lab.Server("redis-7-node2"));
        var user = NewUser(one);
        await using var admin = await ConnectAsync(one);
        await using var other = await ConnectAsync(two);

        (await admin.SetPasswordAsync(Change(user, "New-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();

        (await InspectAsync(other, user)).Exists.ShouldBeFalse();
        EngineOf(one).Traits.HasFlag(EngineTraits.ChangeIsPerNode).ShouldBeTrue();
    }

    private static IFollowsAccount Following(IAdminSession session) => session.ShouldBeAssignableTo<IFollowsAccount>()!;

    /// <summary>All texts of a reply, however deep.</summary>
    private static IEnumerable<string> Texts(RespValue reply) => reply switch
    {
        RespText { Text: var text } => [text],
        RespList list => list.Items.SelectMany(Texts),
        _ => [],
    };

    private async Task<RedisClient> OpenAsync(OwnRedis server)
    {
        var client = await RedisClient.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), Cancel);
        await OkAsync(client, "AUTH", Admin.User, Admin.Password);
        return client;
    }

    private async Task<string> LinkAsync(RedisClient replica)
    {
        var info = (await replica.ExecuteAsync(new RespCommand("INFO", "replication"), Cancel)).ShouldBeOfType<RespText>().Text;
        return info.Split("\r\n").Single(line => line.StartsWith("master_link_status:", StringComparison.Ordinal))["master_link_status:".Length..];
    }

    private async Task LinkShouldBecomeAsync(string status, RedisClient replica)
    {
        while (await LinkAsync(replica) != status)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }
}
