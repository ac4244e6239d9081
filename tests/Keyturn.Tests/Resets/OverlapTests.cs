using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>Resets that leave the old password valid, and what discards it.</summary>
public sealed class OverlapTests : IAsyncLifetime
{
    private const string First = "First-of-all-1!";
    private const string Wished = "Wished-for-4711!";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private World _world = null!;

    public static TheoryData<Hop> Deaths { get; } = [Hop.Prepared, Hop.Set, Hop.Proved, Hop.Finished];

    private SimulatedServer Server => _world.Server;

    private ResetRequest Keeping => _world.Request(Wished) with { KeepOldFor = Hour };

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync();
        await _world.ResetAsync(First);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Run_KeepOldFor_LeavesTheOldOneBesideTheNew()
    {
        var outcome = await _world.Resetter.RunAsync(Keeping, default);

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, First));
        (await _world.ServedAsync()).ShouldBe(Wished);
        var old = (await _world.AccountAsync()).Old.ShouldNotBeNull();
        old.Version.ShouldBe(1);
        old.Until.ShouldBe(_world.Clock.GetUtcNow() + Hour, TimeSpan.FromMinutes(1));
        outcome.Reset.OldKeptUntil!.Value.ShouldBe(old.Until, TimeSpan.FromMinutes(1));
        (await _world.Store.FindAsync(outcome.Reset.Id, default))!.OldKeptUntil.ShouldBe(old.Until);
    }

    [Fact]
    public async Task Run_KeepOldFor_SaysSoInTheStoryAndTheAuditLog()
    {
        var outcome = await _world.Resetter.RunAsync(Keeping, default);

        outcome.Reset!.Events.Select(line => line.Phase).ShouldBe(["set", "kept", "proved"]);
        var audit = (await _world.Whole.Audit.ListAsync(_world.Instance.ProjectId, 1, default))[0].Entry;
        (audit.Action, audit.Outcome).ShouldBe(("account.reset", "done"));
        audit.Detail.ShouldNotBeNull().ShouldContain("old password kept for 01:00:00");
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task RunDue_KeepingResetDiedAtAHop_RecoveryKeepsTheRightOne(Hop hop)
    {
        await _world.DieAtAsync(hop, Keeping);

        await _world.Reconciler.RunDueAsync(default);

        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, First));
        (await _world.ServedAsync()).ShouldBe(Wished);
        (await _world.AccountAsync()).Old!.Version.ShouldBe(1);
    }

    [Fact]
    public async Task Run_AnswerOfAKeepingChangeIsLost_DoesNotRetainTheNewOne()
    {
        Server.Fates.Enqueue(Fate.ApplyAndLoseAnswer);

        var outcome = await _world.Resetter.RunAsync(Keeping, default);

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, First));
        (await _world.AccountAsync()).Old.ShouldNotBeNull();
    }

    [Fact]
    public async Task RunDue_KeepingChangeIsStillUnderWay_ItsSessionIsEndedAndTheRightOneIsKept()
    {
        await _world.DieWhileSendingAsync(Keeping);

        await _world.Reconciler.RunDueAsync(default);
        Server.LandPending();

        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, First));
    }

    [Fact]
    public async Task RunDue_SomebodyDiscardedTheOldOneMeanwhile_EndsDoneAndKeepsNone()
    {
        await _world.DieAtAsync(Hop.Set, Keeping);
        Server.Keep("app", null);

        await _world.Reconciler.RunDueAsync(default);

        var reset = (await _world.Store.ListAsync(_world.Instance.Id, null, 1, default)).Single();
        (reset.State, reset.OldKeptUntil).ShouldBe((ResetState.Done, null));
        reset.Events.Select(line => line.Phase).ShouldContain("not kept");
        (await _world.AccountAsync()).Old.ShouldBeNull();
    }

    [Fact]
    public async Task Run_PlainResetWhileAnOldOneIsValid_ShutsItOut()
    {
        await _world.Resetter.RunAsync(Keeping, default);

        await _world.ResetAsync("Another-one-4712!");

        (Server["app"], Server.KeptOf("app")).ShouldBe(("Another-one-4712!", null));
        (await _world.AccountAsync()).Old.ShouldBeNull();
        _world.Clock.Advance(Hour * 2);
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task Run_KeepingTwice_LeavesTheLastOldOneOnly()
    {
        await _world.Resetter.RunAsync(Keeping, default);

        await _world.ResetAsync("Another-one-4712!", keepOldFor: Hour * 2);

        (Server["app"], Server.KeptOf("app")).ShouldBe(("Another-one-4712!", Wished));
        (await _world.AccountAsync()).Old!.Version.ShouldBe(2);
        _world.Clock.Advance(Hour);
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task Run_RefusedWhileAnOldOneIsValid_LeavesItValidUntilItsTime()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        Server.Fates.Enqueue(Fate.Refuse);

        (await _world.ResetAsync("Another-one-4712!")).Reset!.State.ShouldBe(ResetState.Failed);

        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, First));
        (await _world.AccountAsync()).Old.ShouldNotBeNull();
    }

    [Fact]
    public async Task RunDue_ResetOfBeforeRecoveryIsRefusedWhileAnOldOneIsValid_IsFailedAndNotParked()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        await _world.DieAtAsync(Hop.Prepared, "Another-one-4712!");
        Server.Fates.Enqueue(Fate.Refuse);

        await _world.Reconciler.RunDueAsync(default);

        (await _world.Store.ListAsync(_world.Instance.Id, null, 1, default)).Single().State.ShouldBe(ResetState.Failed);
        (await _world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task Run_ServerThatKeepsNone_IsRefusedBeforeAnythingIsStored()
    {
        Server.KeepsOldPasswords = false;
        await _world.RestartAsync();
        var resets = (await _world.Store.ListAsync(_world.Instance.Id, null, 10, default)).Count;
        var before = Server.Changes;

        var kept = await _world.Resetter.RunAsync(Keeping, default);
        var discarded = await _world.Resetter.RunAsync(_world.DiscardOld(), default);

        kept.Refusal!.Error.ShouldBe(EngineError.Unsupported);
        discarded.Refusal!.Error.ShouldBe(EngineError.Unsupported);
        (await _world.Store.ListAsync(_world.Instance.Id, null, 10, default)).Count.ShouldBe(resets);
        Server.Changes.ShouldBe(before);
    }

    [Fact]
    public async Task Run_PresentPasswordIsNotHeldOrNotInForce_IsRefusedUnchanged()
    {
        Server["app"] = "somebody-else";
        (await _world.Resetter.RunAsync(Keeping, default)).Refusal!.Error.ShouldBe(EngineError.WrongPassword);

        await using var other = await World.CreateAsync();
        (await other.ResetAsync(Wished, keepOldFor: Hour)).Refusal!.Reason.ShouldBe(RefusalReason.SecretMissing);
        other.Server["app"].ShouldBe("old");
    }

    [Fact]
    public async Task Run_AnotherResetCameBetweenTheLookAndPrepare_IsRefusedUnchanged()
    {
        var (reached, goOn) = _world.HoldAt(Hop.Connected);
        var kept = _world.Resetter.RunAsync(Keeping, default);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));
        _world.StartAnotherNode();
        await _world.ResetAsync("Another-one-4712!");

        goOn.SetResult();

        (await kept).Refusal!.Reason.ShouldBe(RefusalReason.Busy);
        (Server["app"], Server.KeptOf("app")).ShouldBe(("Another-one-4712!", null));
    }

    [Fact]
    public async Task Run_EarlierResetIsParked_KeepsAndDiscardsNothing()
    {
        Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));
        (await _world.ResetAsync(Wished)).Reset!.State.ShouldBe(ResetState.Parked);
        Server.LoginAnswers = null;

        (await _world.Resetter.RunAsync(Keeping, default)).Refusal!.Reason.ShouldBe(RefusalReason.Busy);
        (await _world.Resetter.RunAsync(_world.DiscardOld(), default)).Refusal!.Reason.ShouldBe(RefusalReason.Busy);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(91 * 24 * 3600)]
    public async Task Run_TimeOutOfBounds_IsInvalid(int seconds) =>
        (await _world.Resetter.RunAsync(Keeping with { KeepOldFor = TimeSpan.FromSeconds(seconds) }, default)).Refusal!.Reason.ShouldBe(RefusalReason.InvalidRequest);

    [Fact]
    public async Task Run_SameKeyWithAnotherTime_IsAnotherRequest()
    {
        (await _world.Resetter.RunAsync(Keeping with { IdempotencyKey = "key" }, default)).Reset!.State.ShouldBe(ResetState.Done);

        (await _world.Resetter.RunAsync(Keeping with { IdempotencyKey = "key", KeepOldFor = Hour * 2 }, default)).Refusal!.Reason.ShouldBe(RefusalReason.KeyReused);
        (await _world.ResetAsync(Wished, "key")).Refusal!.Reason.ShouldBe(RefusalReason.KeyReused);
        (await _world.Resetter.RunAsync(Keeping with { IdempotencyKey = "key" }, default)).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Theory]
    [InlineData(ProofMode.Login)]
    [InlineData(ProofMode.Readback)]
    public async Task Verify_AnOldOneIsValid_IsVerified(ProofMode proof)
    {
        (await _world.ResetAsync(Wished, proof: proof, keepOldFor: Hour)).Reset!.State.ShouldBe(ResetState.Done);

        (await _world.Verifier.VerifyAsync(_world.Caller, _world.Instance, World.App, default)).Verdict.ShouldBe(Verdict.Verified);

        (await _world.AccountAsync()).Old.ShouldNotBeNull();
        Server.Keep("app", "somebody-else");
        var third = await _world.Verifier.VerifyAsync(_world.Caller, _world.Instance, World.App, default);
        third.Verdict.ShouldBe(proof == ProofMode.Readback ? Verdict.Drifted : Verdict.Verified);
    }

    [Fact]
    public async Task Adopt_TheOldOne_IsRefused()
    {
        await _world.Resetter.RunAsync(Keeping, default);

        var adopted = await _world.Adopter.AdoptAsync(_world.Caller, _world.Instance, World.App, new Secret(First), proof: null, default);

        adopted.Refusal!.Reason.ShouldBe(RefusalReason.Conflict);
        (await _world.ServedAsync()).ShouldBe(Wished);
    }

    [Theory]
    [InlineData(First)]
    [InlineData(Wished)]
    public async Task Adopt_KeepingResetIsParkedAndTheServerHasBoth_IsRefusedAndVerifySettlesIt(string either)
    {
        Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));
        (await _world.Resetter.RunAsync(Keeping, default)).Reset!.State.ShouldBe(ResetState.Parked);
        Server.LoginAnswers = null;

        var adopted = await _world.Adopter.AdoptAsync(_world.Caller, _world.Instance, World.App, new Secret(either), proof: null, default);
        adopted.Refusal!.Reason.ShouldBe(RefusalReason.Busy);

        (await _world.Verifier.VerifyAsync(_world.Caller, _world.Instance, World.App, default)).Verdict.ShouldBe(Verdict.Verified);
        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, First));
        (await _world.AccountAsync()).Old!.Version.ShouldBe(1);
    }

    [Fact]
    public async Task Adopt_AnotherNodeLeavesTheOldOneValidMeanwhile_DoesNotAdoptIt()
    {
        var adopter = _world.Adopter;
        Server.OnLogin = async () =>
        {
            Server.OnLogin = () => Task.CompletedTask;
            _world.StartAnotherNode();
            (await _world.Resetter.RunAsync(Keeping, default)).Reset!.State.ShouldBe(ResetState.Done);
        };

        (await adopter.AdoptAsync(_world.Caller, _world.Instance, World.App, new Secret(First), proof: null, default)).Refusal.ShouldNotBeNull();

        (await _world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task Verify_OldOneIsTheOnlyOneAgain_IsRestoredAndNothingIsDiscarded()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        Server["app"] = First;
        Server.Keep("app", null);

        (await _world.Verifier.VerifyAsync(_world.Caller, _world.Instance, World.App, default)).Verdict.ShouldBe(Verdict.Restored);

        (await _world.AccountAsync()).Old.ShouldBeNull();
        (await _world.ServedAsync()).ShouldBe(First);
    }

    [Theory]
    [InlineData(NodeRole.Primary)]
    [InlineData(NodeRole.Peer)]
    public async Task RunDue_DiedBetweenTwoNodes_AllKeepTheSameOne(NodeRole role)
    {
        await using var world = await World.CreateAsync(nodes: 3, role);
        await world.ResetAsync(First);
        await world.DieAtAsync(Hop.Proved, world.Request(Wished) with { KeepOldFor = Hour });
        world.Servers.Count(server => server["app"] == Wished).ShouldBe(1);

        await world.Reconciler.RunDueAsync(default);

        world.Servers.ShouldAllBe(server => server["app"] == Wished && server.KeptOf("app") == First);
        (await world.AccountAsync()).Old!.Version.ShouldBe(1);
        world.Clock.Advance(Hour);
        await world.OldPasswords.RunDueAsync(default);
        world.Servers.ShouldAllBe(server => server["app"] == Wished && server.KeptOf("app") == null);
    }
}
