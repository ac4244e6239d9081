using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Instances;

/// <summary>What servers tell of the nodes of their instance, and what becomes of it.</summary>
public sealed class DiscoveryTests
{
    private const EngineTraits PerNode = EngineTraits.ChangeIsPerNode;

    [Fact]
    public async Task Discover_NodesAreToldOneByTheOther_AllAreFoundAndSayWhatTheyAre()
    {
        await using var world = await World.CreateAsync(nodes: 3, traits: PerNode, registered: 1);
        world.Servers[0].Tells.Add(World.NodeOf(world.Servers[1]));
        world.Servers[1].Tells.AddRange([World.NodeOf(world.Servers[0]), World.NodeOf(world.Servers[2])]);
        world.Servers[1].IsReadOnly = true;

        var found = (await world.Registrar.DiscoverAsync(world.Caller, world.Instance, default)).Value!;

        found.Nodes.Select(node => (node.Node.Host, node.Node.Role, node.IsRegistered)).ShouldBe(
            [("node1", NodeRole.Primary, true), ("node2", NodeRole.Replica, false), ("node3", NodeRole.Primary, false)]);
        found.Nodes[2].ToldBy.ShouldBe(["node2:1"]);
        (await world.ReadAsync()).Nodes.Count.ShouldBe(1, "looking has changed the registration");
    }

    [Fact]
    public async Task Discover_ServerIsToldByAnotherOfItsAddresses_IsOneNode()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: PerNode, registered: 2);
        world.Servers[1].Alias = "10.0.0.2";
        world.Servers[0].Tells.Add(new Node("10.0.0.2", 1));

        var found = (await world.Registrar.DiscoverAsync(world.Caller, world.Instance, default)).Value!;

        found.Nodes.Select(node => node.Node.Host).ShouldBe(["node1", "node2"]);
        found.Nodes[1].ToldBy.ShouldBe(["node1:1"]);
        found.New.ShouldBeEmpty();
    }

    [Fact]
    public async Task Discover_HintOfAReplicaThatIsFound_IsNotRepeated()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: PerNode);
        world.Servers[1].IsReadOnly = true;
        world.Servers[0].Hints.AddRange([new NodeHint("of the one that is found", "node2"), new NodeHint("of another", "node9"), new NodeHint("of none")]);

        (await world.Registrar.DiscoverAsync(world.Caller, world.Instance, default)).Value!.Hints.ShouldBe(["of another", "of none"]);
    }

    [Fact]
    public async Task TakeDiscovered_OneIsDownAndOneRefusesTheAdmin_TheyAreShownAndNotTaken()
    {
        await using var world = await World.CreateAsync(nodes: 4, traits: PerNode, registered: 1);
        world.Servers[0].Tells.AddRange(world.Servers.Skip(1).Select(World.NodeOf));
        world.Servers[1].IsDown = true;
        world.Servers[2]["admin"] = "another";

        var taken = await world.Registrar.TakeDiscoveredAsync(world.Caller, world.Instance, default);

        taken.Instance!.Nodes.Select(node => node.Host).ShouldBe(["node1", "node4"]);
        taken.Instance.Joining.ShouldBe(["node4:1"]);
        taken.Warnings.Count.ShouldBe(2);
        taken.Warnings[0].ShouldContain("node1:1 tells of node2:1");
        taken.Warnings[1].ShouldContain("node3:1, which is not registered and could not be asked (refused)");
        (await world.ReadAsync()).Nodes.Count.ShouldBe(2);
        var told = (await world.Audit.ListAsync(world.Instance.ProjectId, new AuditFilter(10) { Action = "instance.discover" }, default)).ShouldHaveSingleItem().Entry;
        told.Detail.ShouldBe("node1:1; node2:1 Unreachable; node3:1 AdminLoginRefused; node4:1", "the admin login was tried at all of them");
    }

    /// <summary>The admin login was tried at servers that others told of: that it is in the log does not hang on what came of it.</summary>
    [Fact]
    public async Task Discover_NothingNewOrNobodyAnswers_HasARow()
    {
        await using var world = await World.CreateAsync(nodes: 1, traits: PerNode);

        await world.Registrar.DiscoverAsync(world.Caller, world.Instance, default);
        world.Servers[0].IsDown = true;
        await world.Registrar.TakeDiscoveredAsync(world.Caller, world.Instance, default);

        (await world.Audit.ListAsync(world.Instance.ProjectId, new AuditFilter(10) { Action = "instance.discover" }, default))
            .Select(row => row.Entry.Detail).ShouldBe(["node1:1 Unreachable", "node1:1"]);
    }

    [Fact]
    public async Task Register_ToldNodesAreNotGiven_WarnsOfThemAndTakesThemOnlyWhenAsked()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: PerNode);
        world.Servers[0].Tells.Add(World.NodeOf(world.Servers[1]));
        var draft = world.Draft(World.NodeOf(world.Servers[0])) with { AdminPassword = new("admin-secret"), IsClone = true };

        var without = await world.Registrar.RegisterAsync(world.Caller, draft with { Name = "without" }, default);
        var with = await world.Registrar.RegisterAsync(world.Caller, draft with { Name = "with", Discover = true }, default);

        without.Instance!.Nodes.Count.ShouldBe(1);
        without.Warnings.ShouldHaveSingleItem().ShouldContain("node2:1, which is not registered. Accounts live on each node");
        with.Instance!.Nodes.Count.ShouldBe(2);
        with.Instance.Joining.ShouldBeEmpty("an instance that is new holds no passwords that a node could lack");
        with.Warnings.ShouldBeEmpty();
    }

    /// <summary>Anybody who may replicate from a Redis can have it tell any address.</summary>
    [Fact]
    public async Task Discover_LoginSendsThePasswordAndNobodyIsVerified_ToldAddressesAreAskedOnlyAtTheOperatorsWord()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: PerNode | EngineTraits.LoginSendsPassword);
        world.Servers[0].Tells.Add(World.NodeOf(world.Servers[1]));
        var connected = 0;
        world.Servers[1].OnConnect = () => connected++;
        var draft = world.Draft(World.NodeOf(world.Servers[0])) with { AdminPassword = new("admin-secret"), IsClone = true, Name = "open", Tls = new TlsSettings { Mode = TlsMode.Require } };

        var registered = await world.Registrar.RegisterAsync(world.Caller, draft, default);
        registered.Warnings.ShouldHaveSingleItem().ShouldContain("not asked: without verified TLS");
        (await world.Registrar.DiscoverAsync(world.Caller, registered.Instance!, default)).Value!.Nodes[1].Failure.ShouldNotBeNull();
        connected.ShouldBe(0);

        var taken = await world.Registrar.TakeDiscoveredAsync(world.Caller, registered.Instance!, default);
        taken.Instance!.Nodes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Register_GivenNodeIsDown_IsRefusedWithItsCause()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: PerNode);
        world.Servers[0].IsDown = true;
        var draft = world.Draft(World.NodeOf(world.Servers[0])) with { Name = "down", AdminPassword = new("admin-secret"), Discover = true };

        (await world.Registrar.RegisterAsync(world.Caller, draft, default)).Refusal!.Error.ShouldBe(EngineError.Unreachable);
    }

    [Fact]
    public async Task Register_TwoNodesTakeWritesWhereOneShould_IsRefused()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: EngineTraits.PrimaryMoves);
        var draft = world.Draft(world.Servers.Select(World.NodeOf)) with { Name = "two", AdminPassword = new("admin-secret") };

        (await world.Registrar.RegisterAsync(world.Caller, draft, default)).Refusal!.Detail.ShouldContain("node1:1, node2:1 takes writes");
    }

    [Fact]
    public async Task Register_ReplicaFirst_FindsThePrimaryAndWarnsOfWhatIsAway()
    {
        await using var world = await World.CreateAsync(nodes: 3, traits: EngineTraits.PrimaryMoves);
        world.Servers[0].IsReadOnly = true;
        world.Servers[2].IsDown = true;
        foreach (var server in world.Servers)
        {
            (server.Identity, server.IsCopy) = ("one-cluster", true);
        }

        var draft = world.Draft(world.Servers.Select(World.NodeOf)) with { Name = "moved", AdminPassword = new("admin-secret") };
        var registered = await world.Registrar.RegisterAsync(world.Caller, draft, default);

        registered.Instance!.ServerIdentity.ShouldBe("one-cluster");
        registered.Warnings.ShouldHaveSingleItem().ShouldStartWith("node3:1 could not be asked");
    }

    [Fact]
    public async Task Register_EachHasAnIdentityOfItsOwn_TheInstanceHasAllAndStaysItselfWhenThePrimaryMoves()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: EngineTraits.PrimaryMoves);
        world.Servers[1].IsReadOnly = true;
        (world.Servers[0].Identity, world.Servers[1].Identity) = ("first", "second");
        var draft = world.Draft(world.Servers.Select(World.NodeOf)) with { Name = "own", AdminPassword = new("admin-secret") };
        var registered = (await world.Registrar.RegisterAsync(world.Caller, draft, default)).Instance!;
        registered.ServerIdentity.ShouldBe("first second");

        (world.Servers[0].IsDown, world.Servers[1].IsReadOnly) = (true, false);
        var changed = await world.Registrar.ChangeAsync(world.Caller, registered, draft with { AdminPassword = null, Nodes = [World.NodeOf(world.Servers[1])] }, default);

        changed.Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Register_AnotherServerAmongTheReplicas_IsRefused()
    {
        await using var world = await World.CreateAsync(nodes: 2, traits: EngineTraits.PrimaryMoves);
        world.Servers[1].IsReadOnly = true;
        foreach (var server in world.Servers)
        {
            server.IsCopy = true;
        }

        var draft = world.Draft(world.Servers.Select(World.NodeOf)) with { Name = "mixed", AdminPassword = new("admin-secret") };

        (await world.Registrar.RegisterAsync(world.Caller, draft, default)).Refusal!.Detail.ShouldContain("node2:1: It is no copy of the primary");
    }
}
