using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>Servers that log in to each other as the account that is reset.</summary>
public sealed class ServerLinksTests
{
    private const string Pending = "Pending-4713-abc!";

    [Fact]
    public async Task Run_ReplicaLogsInAsTheAccount_FollowsAndItsLinkIsUp()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].Link = ("app", "old", IsUp: true);

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        world.Servers[1].Link!.Value.Password.ShouldBe(outcome.Password!.Reveal());
        outcome.Reset.Events.Where(line => line.Node == "node2:1").Select(line => line.Phase).ShouldBe(["set", "followed", "proved", "link up"]);
        outcome.Reset.Events.ShouldNotContain(line => line.Node == "node1:1" && line.Phase == "followed");
    }

    [Fact]
    public async Task Run_ReplicaLogsInAsAnother_IsLeftAlone()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].Link = ("link", "link-secret", IsUp: false);

        (await world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);

        world.Servers[1].Link!.Value.Password.ShouldBe("link-secret");
    }

    [Fact]
    public async Task Run_LinkWasUpAndDoesNotComeBack_IsLookedAtAgainByRecovery()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].Link = ("app", "old", IsUp: false);

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Undecided);
        outcome.Reset.Nodes[1].Failure.ShouldNotBeNull();
        world.Servers[1].Link = ("app", world.Servers[1].Link!.Value.Password, IsUp: true);
        await world.Reconciler.SettleAsync(outcome.Reset.Id);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Run_LinkWasDownBefore_IsToldAndHoldsNothingUp()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].Link = ("app", "old", IsUp: false);
        world.Servers[1].LinkWasUp = false;

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Reset.Nodes[1].Failure!.Detail.ShouldBe("down");
    }

    [Fact]
    public async Task Recover_DiedAfterThePrimaryWasSet_TheReplicaStillFollows()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].Link = ("app", "old", IsUp: true);
        await world.DieAtAsync(Hop.Set, Pending);

        await world.Reconciler.SettleAsync((await world.LastResetAsync()).Id);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        world.Servers[1].Link!.Value.Password.ShouldBe(Pending);
    }
}
