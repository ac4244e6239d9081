using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>Nodes that follow a primary, which a failover moves.</summary>
public sealed class PrimaryMovesTests
{
    private const string Pending = "Pending-4713-abc!";

    [Fact]
    public async Task Run_PrimaryIsAnotherThanRegistered_SetsAndProvesThere()
    {
        await using var world = await CreateAsync(primary: 1);

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Reset.Nodes.ShouldHaveSingleItem().Node.Host.ShouldBe("node2");
        world.Servers[1]["app"].ShouldBe(outcome.Password!.Reveal());
        world.Servers[0]["app"].ShouldBe("old");
        world.Servers[0].Logins.ShouldBe(0);
    }

    [Fact]
    public async Task Run_PrimaryMovesBetweenTwoResets_TheSecondFollowsIt()
    {
        await using var world = await CreateAsync(primary: 0);
        (await world.ResetAsync()).Reset!.Nodes.Single().Node.Host.ShouldBe("node1");

        (world.Servers[0].IsReadOnly, world.Servers[1].IsReadOnly) = (true, false);
        var second = await world.ResetAsync();

        second.Reset!.State.ShouldBe(ResetState.Done);
        second.Reset.Nodes.Single().Node.Host.ShouldBe("node2");
    }

    [Fact]
    public async Task Run_PrimaryIsDownAndAnotherTookItsPlace_IsDoneThere()
    {
        await using var world = await CreateAsync(primary: 1);
        world.Servers[0].IsDown = true;

        (await world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Run_NoNodeTakesWrites_IsRefusedAndSaysWhatEachShowed()
    {
        await using var world = await CreateAsync(primary: 0);
        world.Servers[0].IsDown = true;

        var refusal = (await world.ResetAsync()).Refusal!;

        refusal.Error.ShouldBe(EngineError.Unreachable);
        refusal.Detail.ShouldBe("No node takes writes. node1:1: down; node2:1: it is read-only.");
        world.Servers.ShouldAllBe(server => server["app"] == "old" && server.Changes == 0);
    }

    /// <summary>A standby that shows the old password is no witness that the primary, which is away, will not have the new one.</summary>
    [Fact]
    public async Task Recover_PrimaryIsAwayWithTheStatement_IsNeverCalledUnchangedByAStandbysWord()
    {
        await using var world = await CreateAsync(primary: 0);
        await AdoptAsync(world);
        await world.DieWhileSendingAsync(Pending);
        world.Servers[0].IsDown = true;

        await SettleLastAsync(world);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Undecided);
        world.Clock.Advance(TimeSpan.FromMinutes(20));
        await SettleLastAsync(world);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Parked);
        world.Servers[0].IsDown = false;
        world.Servers[0].LandPending();
        (await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default)).Verdict.ShouldBe(Verdict.Verified);
        (await world.ServedAsync()).ShouldBe(Pending);
    }

    [Fact]
    public async Task Recover_StandbyWasPromoted_TheResetIsDoneThere()
    {
        await using var world = await CreateAsync(primary: 0);
        await world.DieWhileSendingAsync(Pending);
        world.Servers[0].IsDown = true;
        world.Servers[1].IsReadOnly = false;

        await SettleLastAsync(world);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        world.Servers[1]["app"].ShouldBe(Pending);
    }

    [Fact]
    public async Task CheckAndVerify_PrimaryMoved_AreMadeThere()
    {
        await using var world = await CreateAsync(primary: 1);
        var password = (await world.ResetAsync()).Password!;

        (await world.Checker.CheckAsync(world.Caller, world.Instance, World.App, password, default)).Login!.Login.ShouldBe(Login.Accepted);
        (await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default)).Verdict.ShouldBe(Verdict.Verified);
        world.Servers[0].Logins.ShouldBe(0);
    }

    [Fact]
    public async Task Wait_ReplicaFollowsLate_AcceptsWithoutARefusedLogin()
    {
        await using var world = await CreateAsync(primary: 0);
        var outcome = await world.ResetAsync();

        var waiting = world.Replicas.RunAsync(world.Instance, outcome.Reset!, outcome.Password!, TimeSpan.FromSeconds(20), default);
        waiting.IsCompleted.ShouldBeFalse();
        world.Servers[1]["app"] = outcome.Password!.Reveal();
        var replica = (await waiting).ShouldHaveSingleItem();

        replica.ShouldBe(new ReplicaState(world.Instance.Nodes[1], Accepts: true));
        world.Servers[1].RefusedLogins.ShouldBe(0);
    }

    [Fact]
    public async Task Wait_ReplicaDoesNotFollow_SaysSoAndTheResetStaysDone()
    {
        await using var world = await CreateAsync(primary: 0);
        var outcome = await world.ResetAsync();

        var replica = (await world.Replicas.RunAsync(world.Instance, outcome.Reset!, outcome.Password!, TimeSpan.FromMilliseconds(200), default)).ShouldHaveSingleItem();

        replica.Accepts.ShouldBeFalse();
        replica.Failure!.Error.ShouldBe(EngineError.TimedOut);
        world.Servers[1].Logins.ShouldBe(0);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Wait_VerifiersMayNotBeRead_OneLoginAtMostIsRefusedBeforeTheEnd()
    {
        await using var world = await CreateAsync(primary: 0);
        world.Servers[1].HidesVerifiers = true;
        var outcome = await world.ResetAsync();

        var replica = (await world.Replicas.RunAsync(world.Instance, outcome.Reset!, outcome.Password!, TimeSpan.FromMilliseconds(400), default)).ShouldHaveSingleItem();

        replica.Failure!.Error.ShouldBe(EngineError.WrongPassword);
        world.Servers[1].Logins.ShouldBe(2);
    }

    [Fact]
    public async Task Wait_ReplicaIsDown_SaysWhy()
    {
        await using var world = await CreateAsync(primary: 0);
        world.Servers[1].IsDown = true;
        var outcome = await world.ResetAsync();

        (await world.Replicas.RunAsync(world.Instance, outcome.Reset!, outcome.Password!, TimeSpan.FromMilliseconds(200), default))
            .ShouldHaveSingleItem().Failure!.Error.ShouldBe(EngineError.Unreachable);
    }

    private static async Task<World> CreateAsync(int primary)
    {
        var world = await World.CreateAsync(nodes: 2, traits: EngineTraits.PrimaryMoves);
        world.Servers[1 - primary].IsReadOnly = true;
        return world;
    }

    private static async Task AdoptAsync(World world) =>
        (await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default)).Refusal.ShouldBeNull();

    private static async Task SettleLastAsync(World world) => await world.Reconciler.SettleAsync((await world.LastResetAsync()).Id);
}
