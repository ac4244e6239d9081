using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

public sealed class ReconcilerTests
{
    private const string Wished = "Wished-for-4711!";

    public static TheoryData<Hop, bool> Deaths
    {
        get
        {
            var deaths = new TheoryData<Hop, bool>();
            foreach (var hop in Enum.GetValues<Hop>().Where(hop => hop != Hop.Persisted))
            {
                deaths.Add(hop, true);
                deaths.Add(hop, false);
            }

            return deaths;
        }
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task RunDue_ProcessDiedAtAHop_KeyturnServesWhatTheServerAccepts(Hop hop, bool wasHeldBefore)
    {
        await using var world = await World.CreateAsync();
        if (wasHeldBefore)
        {
            await world.ResetAsync("First-of-all-1!");
        }

        await world.DieAtAsync(hop, Wished);
        await world.Reconciler.RunDueAsync(default);

        var nothingStored = hop == Hop.Connected;
        (await world.ServedAsync()).ShouldBe(nothingStored && !wasHeldBefore ? null : world.Server["app"]);
        world.Server["app"].ShouldBe(!nothingStored ? Wished : wasHeldBefore ? "First-of-all-1!" : "old");
    }

    [Fact]
    public async Task RunDue_DeadProcesssStatementHoldsReadersUp_ItIsEndedBeforeTheAccountIsRead()
    {
        await using var world = await World.CreateAsync();
        await world.DieWhileSendingAsync(Wished);
        world.Server.ReadersQueueBehindChanges = true;

        await world.Reconciler.RunDueAsync(default);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        world.Server["app"].ShouldBe(Wished);
    }

    [Fact]
    public async Task RunDue_DeadProcessLeftAStatementUnderWay_ItIsEndedBeforeAnythingIsDecided()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync("First-of-all-1!");
        await world.DieWhileSendingAsync(Wished);
        world.Clock.Advance(Resetter.SettleWithin * 2);

        await world.Reconciler.RunDueAsync(default);
        world.Server.LandPending();

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Failed);
        world.Server["app"].ShouldBe("First-of-all-1!");
        (await world.ServedAsync()).ShouldBe("First-of-all-1!");
    }

    [Fact]
    public async Task RunDue_ServerRestartedAndReusedTheSessionsNumber_TheNewSessionIsLeftAlone()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.Restart();
        var innocent = world.Server.Open();
        var recorded = (await world.LastResetAsync()).Nodes[0].Session;
        recorded.Id.ShouldBe(innocent);

        await world.Reconciler.RunDueAsync(default);

        world.Server.IsOpen(innocent).ShouldBeTrue();
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task RunDue_ServerIsAwayThenBack_RollsTheSamePasswordForward()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.IsDown = true;
        await world.Reconciler.RunDueAsync(default);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Undecided);

        world.Server.IsDown = false;
        world.Clock.Advance(Reconciler.MaxPause * 2);
        await world.Reconciler.RunDueAsync(default);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        (await world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task RunDue_AwayUntilTheTimeIsOverAndOldPasswordInForce_FailsUnchanged()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync("First-of-all-1!");
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Clock.Advance(Resetter.SettleWithin * 2);

        await world.Reconciler.RunDueAsync(default);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Failed);
        (await world.ServedAsync()).ShouldBe("First-of-all-1!");
        world.Server["app"].ShouldBe("First-of-all-1!");
    }

    [Fact]
    public async Task RunDue_TimeIsOverAndTheServerIsStillAway_IsParkedAndNotTriedAgain()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.IsDown = true;
        world.Clock.Advance(Resetter.SettleWithin * 2);

        await world.Reconciler.RunDueAsync(default);
        world.Clock.Advance(TimeSpan.FromDays(1));

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Parked);
        (await world.Reconciler.RunDueAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task RunDue_VerifiersAreHidden_ALoginDecides()
    {
        await using var world = await World.CreateAsync();
        world.Server.HidesVerifiers = true;
        await world.DieAtAsync(Hop.Set, Wished);

        await world.Reconciler.RunDueAsync(default);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        world.Server.RefusedLogins.ShouldBe(0);
    }

    [Fact]
    public async Task RunDue_DiedBetweenTwoNodes_AllNodesFollow()
    {
        await using var world = await World.CreateAsync(nodes: 3);
        await world.DieAtAsync(Hop.Proved, Wished);
        world.Servers.Count(server => server["app"] == Wished).ShouldBe(1);

        await world.Reconciler.RunDueAsync(default);

        world.Servers.ShouldAllBe(server => server["app"] == Wished);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task RunDue_NodesWereRegisteredOtherwiseMeanwhile_EndsDoneOnThePresentOnes()
    {
        await using var world = await World.CreateAsync(nodes: 3);
        var nodes = world.Instance.Nodes;
        await world.ChangeNodesAsync(nodes.Take(2));
        await world.DieAtAsync(Hop.Prepared, Wished);
        await world.ChangeNodesAsync([nodes[0], nodes[1] with { Role = NodeRole.Replica }, nodes[2]]);

        await world.Reconciler.RunDueAsync(default);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        world.Servers.ShouldAllBe(server => server["app"] == Wished);
    }

    [Fact]
    public async Task RunDue_NothingIsOpen_TouchesNoServer()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync();

        (await world.Reconciler.RunDueAsync(default)).ShouldBe(0);

        world.Server.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task RunDue_EngineThrowsEachTime_IsParkedWhenTheTimeIsOverAndNotTriedForEver()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.OnConnect = () => throw new InvalidOperationException("a bug");

        await world.Reconciler.RunDueAsync(default);
        var reset = await world.LastResetAsync();
        (reset.State, reset.Cause!.Error).ShouldBe((ResetState.Undecided, EngineError.Fault));
        (await world.Reconciler.RunDueAsync(default)).ShouldBe(0, "with growing pauses");

        world.Clock.Advance(Resetter.SettleWithin);
        await world.Reconciler.RunDueAsync(default);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Parked);
        world.Clock.Advance(Resetter.SettleWithin);
        (await world.Reconciler.RunDueAsync(default)).ShouldBe(0);

        world.Server.OnConnect = () => { };
        await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Parked, "the time to send it again is over, and there is no older password");
    }

    [Fact]
    public async Task RunDue_EngineThrowsOnce_IsSettledByTheNextAttempt()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.OnConnect = () =>
        {
            world.Server.OnConnect = () => { };
            throw new InvalidOperationException("a bug");
        };

        await world.Reconciler.RunDueAsync(default);
        world.Clock.Advance(Reconciler.MaxPause);
        await world.Reconciler.RunDueAsync(default);

        (await world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        (await world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task Verify_ParkedResetWhosePasswordIsInForce_EndsDone()
    {
        await using var world = await World.CreateAsync();
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));
        (await world.ResetAsync(Wished)).Reset!.State.ShouldBe(ResetState.Parked);
        world.Server.LoginAnswers = null;

        var verified = await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

        verified.Verdict.ShouldBe(Verdict.Verified);
        (await world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task Reset_AfterAParkedOne_ReplacesIt()
    {
        await using var world = await World.CreateAsync();
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));
        var parked = await world.ResetAsync(Wished);
        world.Server.LoginAnswers = null;

        var next = await world.ResetAsync("Another-one-4712!");

        next.Reset!.State.ShouldBe(ResetState.Done);
        var replaced = (await world.Store.FindAsync(parked.Reset!.Id, default))!;
        replaced.State.ShouldBe(ResetState.Parked);
        replaced.EndedAt.ShouldNotBeNull();
        (await world.Reconciler.SettleAsync(replaced.Id)).ShouldBeNull();
        (await world.ServedAsync()).ShouldBe("Another-one-4712!");
    }

    [Fact]
    public async Task Reset_AfterOneThatRecoveryParked_DoesNotEndItsOwnSession()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.Fates.Enqueue(Fate.Refuse);
        await world.Reconciler.RunDueAsync(default);
        (await world.LastResetAsync()).State.ShouldBe(ResetState.Parked);

        var next = await world.ResetAsync("Another-one-4712!");

        next.Reset!.State.ShouldBe(ResetState.Done);
        world.Server.Ended.ShouldNotContain(next.Reset.Nodes[0].Session.Id);
    }

    [Fact]
    public async Task RunDue_ParkedReset_GivesNoSessionBackThatTheNextOneWouldEnd()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Prepared, Wished);
        world.Server.Fates.Enqueue(Fate.Refuse);

        await world.Reconciler.RunDueAsync(default);

        world.Server.IsOpen((await world.LastResetAsync()).Nodes[0].Session.Id).ShouldBeFalse();
    }
}
