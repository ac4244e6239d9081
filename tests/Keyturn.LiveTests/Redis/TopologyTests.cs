using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.Redis;

/// <summary>What servers tell of the others, and how a user of one is made at another.</summary>
[Feature(Feature.Nodes)]
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class TopologyTests : RedisLiveTest
{
    private static readonly LabLogin Admin = new("default", "Old-1");

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ReadNodes_PrimaryAndReplica_NameEachOther(string name)
    {
        var server = Lab.Server(name);
        await using var primary = new OwnRedis(server, $"requirepass {Admin.Password}", "repl-diskless-sync-delay 0");
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}", $"masterauth {Admin.Password}");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await using var onPrimary = await ConnectAsync(server, Admin, primary.Target);
        await using var onReplica = await ConnectAsync(server, Admin, replica.Target);
        var ofReplica = await TellAsync(onReplica);
        var ofPrimary = await TellAsync(onPrimary);
        while (ofPrimary.Others.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
            ofPrimary = await TellAsync(onPrimary);
        }

        ofReplica.Role.ShouldBe(NodeRole.Replica);
        ofReplica.Others.ShouldBe([new Node("127.0.0.1", primary.Port)]);
        ofPrimary.Role.ShouldBe(NodeRole.Primary);
        ofPrimary.Others.ShouldBe([new Node("127.0.0.1", replica.Port, NodeRole.Replica)]);
        ofPrimary.Server.ShouldNotBe(ofReplica.Server);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ReadNodes_Cluster_EachNodeTellsAll(string name)
    {
        var server = Lab.Server(name);
        await using var cluster = await OwnCluster.StartAsync(server, primaries: 3, replicas: 3, Admin.Password, Cancel);

        foreach (var node in cluster.Nodes)
        {
            await using var admin = await ConnectAsync(server, Admin, node.Target);
            var told = await TellAsync(admin);

            told.Others.Select(other => other.Port).Order().ShouldBe(cluster.Nodes.Select(other => other.Port).Order());
            told.Others.Count(other => other.Role == NodeRole.Replica).ShouldBe(3);
            told.Role.ShouldBe(told.Others.Single(other => other.Port == node.Port).Role);
        }
    }

    /// <summary>A user with all that a rule can have: selectors, channels, patterns for reading and writing, a subcommand, several passwords.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ReadRights_UserIsMadeByThemAtAnotherServer_HasTheSameRulesAndTheNewPasswordOnly(string name)
    {
        var server = Lab.Server(name);
        await using var one = new OwnRedis(
            server,
            $"requirepass {Admin.Password}",
            $"user app on #{HashOf("A-1")} #{HashOf("B-1")} resetchannels &news:* ~app:* %R~shared:* -@all +@read +config|get -get (+set ~tmp:*) (%W~out:* +@write)");
        await using var other = new OwnRedis(server, $"requirepass {Admin.Password}");
        await one.StartAsync(Cancel);
        await other.StartAsync(Cancel);
        await using var atOne = await ConnectAsync(server, Admin, one.Target);
        await using var atOther = await ConnectAsync(server, Admin, other.Target);

        var rights = (await atOne.ShouldBeAssignableTo<ICopiesAccounts>()!.ReadRightsAsync(new AccountName("app"), Cancel)).Value.ShouldNotBeNull();
        (await atOther.SetPasswordAsync(Change("app", "New-2") with { CreateIfMissing = true, Rights = rights }, Cancel)).ShouldBeApplied();

        rights.ShouldNotContain(HashOf("A-1"));
        var copied = (await atOther.ShouldBeAssignableTo<ICopiesAccounts>()!.ReadRightsAsync(new AccountName("app"), Cancel)).Value.ShouldNotBeNull();

        // Redis 7.0 tells commands in the order in which they were given, and of a user of its configuration file not that payloads are looked at.
        copied.Split(' ').Order().Except(["sanitize-payload"]).ShouldBe(rights.Split(' ').Order().Except(["sanitize-payload"]));
        copied[copied.IndexOf('(')..].ShouldBe(rights[rights.IndexOf('(')..]);
        (await LoginAsync(server, "app", "New-2", target: other.Target)).ShouldBe(Login.Accepted);
        (await LoginAsync(server, "app", "A-1", target: other.Target)).ShouldBe(Login.WrongPassword);
    }

    private async Task<NodesTold> TellAsync(IAdminSession session) =>
        (await session.ShouldBeAssignableTo<ITellsNodes>()!.ReadNodesAsync(Cancel)).Value.ShouldNotBeNull();
}
