using Keyturn.Engines;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>Users are not replicated: each node has its own, and takes changes of its own.</summary>
public sealed class ReplicaTests : RedisLiveTest
{
    private static readonly LabLogin Admin = new("default", "Old-1");

    [Theory]
    [MemberData(nameof(Both))]
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
    [MemberData(nameof(Both))]
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
    [MemberData(nameof(Both))]
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

    [Fact]
    public async Task SetPassword_TwoNodesOfTheLab_ChangesTheOneItSpeaksTo()
    {
        var (one, two) = (Lab.Server("redis-7"), Lab.Server("redis-7-node2"));
        var user = NewUser(one);
        await using var admin = await ConnectAsync(one);
        await using var other = await ConnectAsync(two);

        (await admin.SetPasswordAsync(Change(user, "New-2") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();

        (await InspectAsync(other, user)).Exists.ShouldBeFalse();
        EngineOf(one).Traits.ShouldBe(EngineTraits.ChangeIsPerNode);
    }

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
