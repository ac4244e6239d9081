using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>A node that is added gets the present passwords before it counts as one of the others.</summary>
public sealed class NodeJoinTests
{
    private const string Present = "Present-4711-abc!";
    private const string Newer = "Newer-4712-abc!";

    [Fact]
    public async Task Run_NodeIsAdded_GetsThePresentPasswordAndHasJoined()
    {
        await using var world = await CreateAsync();
        await AddAsync(world);

        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers[2]["app"].ShouldBe(Present);
        world.Servers.Take(2).ShouldAllBe(server => server.Changes == 1, "a node that had the password was changed");
        (await world.ServedAsync()).ShouldBe(Present);
        (await world.Store.ListAsync(world.Instance.Id, accountId: null, limit: 10, default))[0].ShouldSatisfyAllConditions(
            join => join.Operation.ShouldBe(PasswordSpread.Operation),
            join => join.State.ShouldBe(ResetState.Done),
            join => join.Nodes.ShouldAllBe(node => node.Step == NodeStep.Proved));
    }

    [Fact]
    public async Task Run_NodeHasThePasswordAlready_HasJoinedWithoutAChange()
    {
        await using var world = await CreateAsync();
        world.Servers[2]["app"] = Present;
        await AddAsync(world);

        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers[2].Changes.ShouldBe(0);
        world.Servers[2].Logins.ShouldBeGreaterThan(0, "nothing was proved");
    }

    [Fact]
    public async Task Run_OldPasswordIsStillValid_JoinsAfterItsEnd()
    {
        await using var world = await CreateAsync();
        (await world.ResetAsync(Newer, keepOldFor: TimeSpan.FromHours(1))).Reset!.OldKeptUntil.ShouldNotBeNull();
        await AddAsync(world);

        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBe(["node3:1"]);
        world.Join.ProblemsOf(world.Instance).ShouldHaveSingleItem().ShouldStartWith("app: A reset has left its old password valid until");
        world.Servers.Take(2).ShouldAllBe(server => server.KeptOf("app") == Present);

        world.Clock.Advance(TimeSpan.FromHours(1));
        (await world.OldPasswords.RunDueAsync(default)).ShouldBe(1);
        world.Clock.Advance(NodeJoin.Pause);
        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers.ShouldAllBe(server => server["app"] == Newer && server.KeptOf("app") == null);
    }

    [Fact]
    public async Task Run_AccountIsMissingThere_IsMadeLikeThatOfAnotherNode()
    {
        await using var world = await CreateAsync();
        foreach (var server in world.Servers)
        {
            server.CopiesAccounts = true;
        }

        world.Servers[2]["app"] = null;
        await AddAsync(world);

        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers[2]["app"].ShouldBe(Present);
        world.Servers[2].Rights["app"].ShouldBe("rights of app");
    }

    [Fact]
    public async Task Run_AccountIsMissingAndCannotBeCopied_SaysSoAndMakesUpNoRights()
    {
        await using var world = await CreateAsync();
        world.Servers[2]["app"] = null;
        await AddAsync(world);

        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBe(["node3:1"]);
        world.Join.ProblemsOf(world.Instance).ShouldHaveSingleItem().ShouldContain("node3:1: There is no account app. Create it there");
        world.Servers[2].Changes.ShouldBe(0);
        (await world.ServedAsync()).ShouldBe(Present);
    }

    [Theory]
    [InlineData(Hop.Prepared)]
    [InlineData(Hop.Set)]
    [InlineData(Hop.Proved)]
    [InlineData(Hop.Finished)]
    public async Task Run_ProcessDiesInBetween_TheNextOneBringsItToItsEnd(Hop hop)
    {
        await using var world = await CreateAsync();
        await AddAsync(world);
        var (reached, _) = world.HoldAt(hop);
        _ = world.Join.RunDueAsync(default);

        await reached.WaitAsync(TimeSpan.FromSeconds(10));
        await world.RestartAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(2));

        await world.Reconciler.RunDueAsync(default);
        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers.ShouldAllBe(server => server["app"] == Present);
        (await world.ServedAsync()).ShouldBe(Present);
    }

    [Fact]
    public async Task Run_ProcessDiesBetweenTheLastAccountAndTheNote_TheNodeJoinsNevertheless()
    {
        await using var world = await CreateAsync();
        world.Servers[2]["app"] = Present;
        await AddAsync(world);
        await world.RestartAsync();

        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_ResetBeganMeanwhile_TheNewPasswordIsTheOneThatStays()
    {
        await using var world = await CreateAsync();
        await AddAsync(world);
        var (reached, goOn) = world.HoldAt(Hop.Connected);
        var joining = world.Join.RunDueAsync(default);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));

        // Another node of Keyturn's resets the account between the join's look at the password and its prepare.
        world.StartAnotherNode();
        (await world.ResetAsync(Newer)).Reset!.State.ShouldBe(ResetState.Done);
        goOn.SetResult();
        await joining;

        world.Servers.ShouldAllBe(server => server["app"] == Newer);
        (await world.ServedAsync()).ShouldBe(Newer);
        (await world.ReadAsync()).Joining.ShouldBe(["node3:1"]);
        await world.Join.RunDueAsync(default);
        (await world.ReadAsync()).Joining.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reset_RequestIsOlderThanTheRegistration_IsRefusedSoThatTheNewNodeIsNotLeftBehind()
    {
        await using var world = await CreateAsync();
        var older = world.Request(Newer);
        await AddAsync(world);

        (await world.Resetter.RunAsync(older, default)).Refusal!.Reason.ShouldBe(RefusalReason.Conflict);

        world.Servers.Take(2).ShouldAllBe(server => server["app"] == Present);
    }

    [Fact]
    public async Task Run_PasswordDriftedOnTheOtherNodes_IsNotSpreadAndNotMended()
    {
        await using var world = await CreateAsync();
        world.Servers[1]["app"] = "changed behind Keyturn's back";
        await AddAsync(world);

        await world.Join.RunDueAsync(default);

        world.Join.ProblemsOf(await world.ReadAsync()).ShouldHaveSingleItem().ShouldContain("node2:1: verify or reset the account first");
        world.Servers[1]["app"].ShouldBe("changed behind Keyturn's back");
        world.Servers[2]["app"].ShouldBe("old");
    }

    [Fact]
    public async Task Run_OneAccountStandsInTheWay_TheOthersAreBroughtOnceAndNotAgain()
    {
        await using var world = await CreateAsync();
        foreach (var server in world.Servers)
        {
            server["other"] = "old";
        }

        var other = world.Request(Present) with { Account = new AccountName("other") };
        (await world.Resetter.RunAsync(other, default)).Reset!.State.ShouldBe(ResetState.Done);
        world.Servers[2]["other"] = null;
        await AddAsync(world);

        await world.Join.RunDueAsync(default);
        var looked = world.Servers[2].Logins;
        world.Clock.Advance(NodeJoin.Pause);
        await world.Join.RunDueAsync(default);

        world.Join.ProblemsOf(await world.ReadAsync()).ShouldHaveSingleItem().ShouldStartWith("other: ");
        world.Servers[2]["app"].ShouldBe(Present);
        world.Servers[2].Logins.ShouldBe(looked);
        world.Servers[2]["other"] = "made by hand";
        world.Clock.Advance(NodeJoin.Pause);
        await world.Join.RunDueAsync(default);
        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers[2]["other"].ShouldBe(Present);
    }

    [Fact]
    public async Task Run_NewNodeIsDown_IsTriedAgainLaterAndOthersAreStillServed()
    {
        await using var world = await CreateAsync();
        await AddAsync(world);
        world.Servers[2].IsDown = true;

        (await world.Join.RunDueAsync(default)).ShouldBe(1);
        (await world.Join.RunDueAsync(default)).ShouldBe(0, "tried again at once");
        (await world.ServedAsync()).ShouldBe(Present);
        world.Servers[2].IsDown = false;
        world.Clock.Advance(NodeJoin.Pause);
        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_NewNodeRefusesTheChange_FailsThereAndThePasswordIsServed()
    {
        await using var world = await CreateAsync();
        await AddAsync(world);
        world.Servers[2].Fates.Enqueue(Fate.Refuse);

        await world.Join.RunDueAsync(default);

        (await world.Store.ListAsync(world.Instance.Id, accountId: null, limit: 10, default))[0].State.ShouldBe(ResetState.Failed);
        world.Join.ProblemsOf(await world.ReadAsync()).ShouldHaveSingleItem();
        (await world.ServedAsync()).ShouldBe(Present);
    }

    [Fact]
    public async Task Verify_NodeIsStillJoining_SpeaksOfTheOthers()
    {
        await using var world = await CreateAsync();
        await AddAsync(world);

        (await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default)).Verdict.ShouldBe(Verdict.Verified);
    }

    [Fact]
    public async Task Rejoin_NodeWasReplacedAtItsAddress_GetsThePresentPasswordAgain()
    {
        await using var world = await CreateAsync();
        world.Servers[1]["app"] = "came with another";

        (await world.Registrar.RejoinAsync(world.Caller, world.Instance, "node2:1", default)).ShouldBeNull();
        (await world.ReadAsync()).Joining.ShouldBe(["node2:1"]);
        (await world.Registrar.RejoinAsync(world.Caller, world.Instance, "node1:1", default))!.Detail.ShouldContain("No other node");
        (await world.Registrar.RejoinAsync(world.Caller, world.Instance, "node3:1", default))!.Detail.ShouldContain("no node of world");
        await world.Join.RunDueAsync(default);

        (await world.ReadAsync()).Joining.ShouldBeEmpty();
        world.Servers[1]["app"].ShouldBe(Present);
    }

    /// <summary>A replica has no accounts of its own: it is nobody to join.</summary>
    [Fact]
    public async Task Rejoin_OnlyAReplicaIsLeft_IsRefused()
    {
        await using var world = await World.CreateAsync(nodes: 2, role: NodeRole.Peer);
        await world.ChangeNodesAsync([world.Instance.Nodes[0], world.Instance.Nodes[1] with { Role = NodeRole.Replica }]);

        (await world.Registrar.RejoinAsync(world.Caller, world.Instance, "node1:1", default)).ShouldNotBeNull().Detail.ShouldContain("No other node");
    }

    [Fact]
    public async Task Register_NoNodeIsLeftOfThoseBefore_NoneJoins()
    {
        await using var world = await World.CreateAsync(nodes: 2, registered: 1);

        (await world.RegisterNodesAsync(World.NodeOf(world.Servers[1]))).Instance!.Joining.ShouldBeEmpty();
    }

    /// <summary>Two of three nodes are registered, with an account whose password Keyturn has made.</summary>
    private static async Task<World> CreateAsync()
    {
        var world = await World.CreateAsync(nodes: 3, traits: EngineTraits.ChangeIsPerNode, registered: 2);
        (await world.ResetAsync(Present)).Reset!.State.ShouldBe(ResetState.Done);
        return world;
    }

    private static async Task AddAsync(World world) => (await world.RegisterNodesAsync(world.Servers.Select(World.NodeOf))).Instance!.Joining.ShouldBe(["node3:1"]);
}
