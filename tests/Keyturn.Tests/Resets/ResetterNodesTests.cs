using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>Resets of instances with several nodes.</summary>
public sealed class ResetterNodesTests
{
    [Fact]
    public async Task Run_NodesAreOneAccountEach_AllAreChangedAndProved()
    {
        await using var world = await World.CreateAsync(nodes: 3);

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        world.Servers.ShouldAllBe(server => server["app"] == outcome.Password!.Reveal());
        outcome.Reset.Nodes.ShouldAllBe(node => node.Step == NodeStep.Proved);
    }

    [Fact]
    public async Task Run_OneNodeIsDown_NoNodeIsChanged()
    {
        await using var world = await World.CreateAsync(nodes: 3);
        world.Servers[2].IsDown = true;

        (await world.ResetAsync()).Refusal!.Error.ShouldBe(EngineError.Unreachable);

        world.Servers.ShouldAllBe(server => server["app"] == "old");
    }

    [Fact]
    public async Task Run_OpeningTheSecondNodeThrows_GivesThePlaceAtTheFirstBack()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].OnConnect = () => throw new OperationCanceledException();
        for (var attempt = 0; attempt <= AdminSessions.MaxOpenPerNode; attempt++)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => world.ResetAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        }
    }

    [Fact]
    public async Task Run_SecondNodeRefusesAfterTheFirstChanged_IsNeverCalledFailed()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        world.Servers[1].Fates.Enqueue(Fate.Refuse);
        world.Servers[1].RefusesWith = EngineError.Busy;

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        world.Servers.ShouldAllBe(server => server["app"] == outcome.Password!.Reveal());
    }

    [Fact]
    public async Task Run_AdminLoginOfPeersAndTheSecondIsLost_BothAreMendedWithWhatEachOfThemHas()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1].Fates.Enqueue(Fate.LoseRequest);

        var outcome = await world.Resetter.RunAsync(world.Request() with { Account = world.Instance.Admin }, default);

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        world.Servers.ShouldAllBe(server => server["admin"] == outcome.Password!.Reveal());
        (await world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Run_AccountOnOnePeerOnly_IsRefusedAndNothingChanged()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[0]["first"] = "old";

        var outcome = await world.Resetter.RunAsync(world.Request() with { Account = new AccountName("first") }, default);

        outcome.Refusal!.Error.ShouldBe(EngineError.AccountMissing);
        world.Servers.ShouldAllBe(server => server.Changes == 0);
    }
}
