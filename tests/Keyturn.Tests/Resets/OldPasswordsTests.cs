using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>What ends an overlap: the old password is discarded when its time is over, or on request.</summary>
public sealed class OldPasswordsTests : IAsyncLifetime
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
    public async Task RunDue_TimeIsOver_DiscardsTheOldOneAndKeepsTheVersion()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);
        _world.Clock.Advance(Hour);

        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(1);

        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, null));
        (await _world.AccountAsync()).Old.ShouldBeNull();
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);
        var versions = await _world.Whole.Secrets.ReadAsync((await _world.AccountAsync()).Id, 10, default);
        versions.Versions.Select(version => (version.Version, version.State)).ShouldBe([(2, SecretState.Current), (1, SecretState.Previous)]);
        var discard = (await _world.Store.ListAsync(_world.Instance.Id, null, 1, default)).Single();
        (discard.Kind, discard.State, discard.Operation, discard.Version, discard.Nodes[0].Proof).ShouldBe((ResetKind.DiscardOld, ResetState.Done, OldPasswords.Operation, 2, ProofMode.Readback));
        var audit = (await _world.Whole.Audit.ListAsync(_world.Instance.ProjectId, 1, default))[0].Entry;
        (audit.Action, audit.Outcome, audit.Caller.PrincipalName).ShouldBe(("account.discard_old", "done", "keyturn"));
    }

    [Fact]
    public async Task RunDue_ProcessWasRestarted_DiscardsItNevertheless()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        await _world.RestartAsync();
        _world.Clock.Advance(Hour);

        await _world.OldPasswords.RunDueAsync(default);

        Server.KeptOf("app").ShouldBeNull();
    }

    [Fact]
    public async Task RunDue_TwoNodesAtOnce_OneDiscards()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        _world.Clock.Advance(Hour);
        var one = _world.OldPasswords;
        _world.StartAnotherNode();
        var before = Server.Changes;

        await Task.WhenAll(one.RunDueAsync(default), _world.OldPasswords.RunDueAsync(default));

        (Server.Changes - before).ShouldBe(1);
        (await _world.Store.ListAsync(_world.Instance.Id, null, 10, default)).Count(reset => reset.Kind == ResetKind.DiscardOld).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task RunDue_DiscardDiedAtAHop_RecoveryEndsIt(Hop hop)
    {
        await _world.Resetter.RunAsync(Keeping, default);
        await _world.DieAtAsync(hop, _world.DiscardOld());
        (await _world.ServedAsync()).ShouldBe(Wished);

        await _world.Reconciler.RunDueAsync(default);

        (Server["app"], Server.KeptOf("app")).ShouldBe((Wished, null));
        (await _world.AccountAsync()).Old.ShouldBeNull();
        (await _world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task RunDue_DiscardIsStillUnderWayAndAnotherResetFollows_DoesNotDiscardThatOnesOld()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        await _world.DieWhileSendingAsync(_world.DiscardOld());
        await _world.Reconciler.RunDueAsync(default);
        await _world.ResetAsync("Another-one-4712!", keepOldFor: Hour);

        Server.LandPending();

        (Server["app"], Server.KeptOf("app")).ShouldBe(("Another-one-4712!", Wished));
    }

    [Fact]
    public async Task RunDue_AResetIsOpen_WaitsForItsEnd()
    {
        var time = TimeSpan.FromMinutes(5);
        await _world.ResetAsync(Wished, keepOldFor: time);
        await _world.DieAtAsync(Hop.Prepared, "Another-one-4712!");
        _world.Clock.Advance(time);

        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);

        await _world.Reconciler.RunDueAsync(default);
        (Server["app"], Server.KeptOf("app")).ShouldBe(("Another-one-4712!", null));
    }

    [Fact]
    public async Task Run_AnotherNodeBeginsToDiscardJustThen_WaitsForItAndIsDone()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        var (connected, goOn) = _world.HoldAt(Hop.Connected);
        var reset = _world.ResetAsync("Another-one-4712!");
        await connected.WaitAsync(TimeSpan.FromSeconds(10));
        var (prepared, goOnToo) = _world.HoldAt(Hop.Prepared);
        var discard = _world.Resetter.RunAsync(_world.DiscardOld(), default);
        await prepared.WaitAsync(TimeSpan.FromSeconds(10));

        goOn.SetResult();
        await Task.WhenAny(reset, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System));
        goOnToo.SetResult();

        (await discard).Reset!.State.ShouldBe(ResetState.Done);
        (await reset).Reset!.State.ShouldBe(ResetState.Done);
        (Server["app"], Server.KeptOf("app")).ShouldBe(("Another-one-4712!", null));
    }

    [Fact]
    public async Task RunDue_ServerIsAway_IsTriedAgainAfterAPauseThatGrows()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        _world.Clock.Advance(Hour);
        Server.IsDown = true;
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(1);
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(1);
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        (await _world.OldPasswords.RunDueAsync(default)).ShouldBe(0);
        (await _world.ServedAsync()).ShouldBe(Wished);

        Server.IsDown = false;
        _world.Clock.Advance(OldPasswords.LongestPause);
        await _world.OldPasswords.RunDueAsync(default);

        Server.KeptOf("app").ShouldBeNull();
        (await _world.AccountAsync()).Old.ShouldBeNull();
    }

    [Fact]
    public async Task RunDue_DiscardWasParked_IsTakenUpAgain()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        _world.Clock.Advance(Hour);
        Server.Fates.Enqueue(Fate.LoseRequest);
        Server.CannotEndSessions = true;
        await _world.OldPasswords.RunDueAsync(default);
        (await _world.Store.ListAsync(_world.Instance.Id, null, 1, default)).Single().State.ShouldBe(ResetState.Parked);
        (await _world.ServedAsync()).ShouldBe(Wished);

        Server.CannotEndSessions = false;
        _world.Clock.Advance(OldPasswords.LongestPause);
        await _world.OldPasswords.RunDueAsync(default);

        Server.KeptOf("app").ShouldBeNull();
        (await _world.Store.FindUnsettledAsync((await _world.AccountAsync()).Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task RunDue_SomebodyElseChangedThePassword_IsNotChangedBack()
    {
        await _world.Resetter.RunAsync(Keeping, default);
        Server["app"] = "somebody-else";
        var before = Server.Changes;
        _world.Clock.Advance(Hour);

        await _world.OldPasswords.RunDueAsync(default);

        Server["app"].ShouldBe("somebody-else");
        Server.Changes.ShouldBe(before);
        (await _world.Whole.Audit.ListAsync(_world.Instance.ProjectId, 1, default))[0].Entry.Outcome.ShouldBe("refused");
    }
}
