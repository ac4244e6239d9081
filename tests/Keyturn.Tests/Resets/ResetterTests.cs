using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

public sealed class ResetterTests
{
    private const string Wished = "Wished-for-4711!";

    [Fact]
    public async Task Run_AllIsWell_EndsDoneProvedAndServed()
    {
        await using var world = await World.CreateAsync();

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Reset.Nodes.ShouldHaveSingleItem().Proof.ShouldBe(ProofMode.Login);
        world.Server["app"].ShouldBe(outcome.Password!.Reveal());
        (await world.ServedAsync()).ShouldBe(world.Server["app"]);
        (await world.LastResetAsync()).Events.Select(line => line.Phase).ShouldBe(["prepared", "set", "proved"]);
        (await world.Store.CountUnsettledAsync(world.Instance.ProjectId, default)).Values.Sum().ShouldBe(0);
    }

    [Fact]
    public async Task Run_ServerRefuses_EndsFailedAndUnchanged()
    {
        await using var world = await World.CreateAsync();
        world.Server.Fates.Enqueue(Fate.Refuse);

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Failed);
        outcome.Reset.Cause!.Error.ShouldBe(EngineError.PasswordRefusedByServer);
        outcome.Password.ShouldBeNull();
        world.Server["app"].ShouldBe("old");
        (await world.ServedAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Run_ServerIsDown_IsRefusedAndNothingIsStored()
    {
        await using var world = await World.CreateAsync();
        world.Server.IsDown = true;

        var outcome = await world.ResetAsync();

        outcome.Refusal!.Error.ShouldBe(EngineError.Unreachable);
        (await world.Store.ListAsync(world.Instance.Id, null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_RolesOnAnEngineWithoutThem_IsRefused()
    {
        await using var world = await World.CreateAsync();
        var request = world.Request() with { Kind = ResetKind.Create, Account = new AccountName("new"), Roles = [new AccountRole("read", "shop")] };

        var outcome = await world.Resetter.RunAsync(request, default);

        outcome.Refusal!.Reason.ShouldBe(RefusalReason.InvalidRequest);
        (await world.Store.ListAsync(world.Instance.Id, null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_ReadOnlyNode_IsRefusedBeforeAnythingIsSent()
    {
        await using var world = await World.CreateAsync();
        world.Server.IsReadOnly = true;

        (await world.ResetAsync()).Refusal!.Error.ShouldBe(EngineError.ReadOnlyNode);

        world.Server.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData(Fate.ApplyAndLoseAnswer)]
    [InlineData(Fate.LoseRequest)]
    [InlineData(Fate.LandLater)]
    [InlineData(Fate.Throw)]
    public async Task Run_AnswerIsLost_IsSettledAtOnceWithTheSamePassword(Fate fate)
    {
        await using var world = await World.CreateAsync();
        world.Server.Fates.Enqueue(fate);

        var outcome = await world.ResetAsync(Wished);

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Password!.Reveal().ShouldBe(Wished);
        world.Server.LandPending();
        world.Server["app"].ShouldBe(Wished);
    }

    [Fact]
    public async Task Run_AnswerIsLostAndTheServerGoesAway_IsUndecidedAndNothingIsServed()
    {
        await using var world = await World.CreateAsync();
        world.Server.Fates.Enqueue(Fate.ApplyAndLoseAnswer);
        world.Server.OnChange = () =>
        {
            world.Server.IsDown = true;
            return Task.CompletedTask;
        };

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Undecided);
        outcome.Password.ShouldBeNull();
        var revealed = await world.Reader.RevealAsync(world.Caller, world.Instance, World.App, default);
        revealed.Refusal!.Reason.ShouldBe(RefusalReason.Busy);
        revealed.Refusal.ResetId.ShouldBe(outcome.Reset.Id);
        var candidates = await world.Reader.CandidatesAsync(world.Caller, world.Instance, World.App, default);
        candidates.Versions.ShouldHaveSingleItem().State.ShouldBe(SecretState.Pending);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_StoreDoesNotSayWhetherItPrepared_SendsNothingAndPromisesNothing(bool isStored)
    {
        await using var world = await World.CreateAsync();
        world.OnPrepare = async (intent, store) =>
        {
            _ = isStored ? await store.PrepareAsync(intent) : null;
            return new PrepareResult(PrepareConflict.Unknown);
        };

        var outcome = await world.ResetAsync(Wished);

        outcome.Reset!.State.ShouldBe(ResetState.Undecided);
        outcome.Password.ShouldBeNull();
        world.Server.Changes.ShouldBe(0);
        world.Clock.Advance(Resetter.Lease);
        (await world.Reconciler.RunDueAsync(default)).ShouldBe(isStored ? 1 : 0);
        world.Server["app"].ShouldBe(isStored ? Wished : "old");
        (await world.Store.FindAsync(outcome.Reset.Id, default))?.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Run_SessionCannotBeEnded_DecidesNothing()
    {
        await using var world = await World.CreateAsync();
        world.Server.Fates.Enqueue(Fate.LandLater);
        world.Server.CannotEndSessions = true;

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldNotBe(ResetState.Failed);
        outcome.Reset.State.ShouldNotBe(ResetState.Done);
        world.Server.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task Run_DifferentRequestsAtOnce_QueueAndTheLastOneIsServed()
    {
        await using var world = await World.CreateAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => world.ResetAsync($"Wished-for-{n}-x!")));

        outcomes.ShouldAllBe(outcome => outcome.Reset!.State == ResetState.Done);
        world.Server.Changes.ShouldBe(20);
        (await world.ServedAsync()).ShouldBe(world.Server["app"]);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("appappappapp")]
    public async Task Run_PasswordAgainstThePolicy_IsRefusedWithTheRule(string password)
    {
        await using var world = await World.CreateAsync();

        var refusal = (await world.ResetAsync(password)).Refusal!;

        refusal.Reason.ShouldBe(RefusalReason.PasswordPolicy);
        refusal.Violations.ShouldNotBeEmpty();
        world.Server.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Run_DoorWithAPolicyOfItsOwn_GeneratesByIt()
    {
        await using var world = await World.CreateAsync();
        var policy = new PasswordPolicy { MinClasses = 0, GeneratedLength = 20, GeneratedAlphabet = "0123456789abcdef" };

        var outcome = await world.Resetter.RunAsync(world.Request() with { Policy = policy }, CancellationToken.None);

        outcome.Password!.Reveal().ShouldMatch("^[0-9a-f]{20}$");
        world.Server["app"].ShouldBe(outcome.Password.Reveal());
    }

    [Fact]
    public async Task Run_AsManyUndecidedAsThereArePlaces_AllAreSettled()
    {
        await using var world = await World.CreateAsync();
        var users = Enumerable.Range(0, AdminSessions.MaxOpenPerNode).Select(n => $"user{n}").ToList();
        users.ForEach(user => world.Server[user] = "old");
        users.ForEach(_ => world.Server.Fates.Enqueue(Fate.LoseRequest));

        // Whoever is settled first must not take the fate of somebody's first attempt: first all attempts have theirs, then the second ones go on.
        var haveSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        world.Server.OnChange = () =>
        {
            if (world.Server.Changes == users.Count)
            {
                haveSent.TrySetResult();
            }

            return world.Server.Changes > users.Count ? second.Task : first.Task;
        };

        var runs = Task.WhenAll(users.Select(user => world.Resetter.RunAsync(world.Request() with { Account = new AccountName(user) }, default)));
        await haveSent.Task.WaitAsync(TimeSpan.FromSeconds(20));
        first.SetResult();
        (await Task.Run(() => SpinWait.SpinUntil(() => world.Server.Fates.IsEmpty, TimeSpan.FromSeconds(20)))).ShouldBeTrue();
        second.SetResult();
        var outcomes = await runs.WaitAsync(TimeSpan.FromSeconds(20));

        outcomes.ShouldAllBe(outcome => outcome.Reset!.State == ResetState.Done);
    }

    [Fact]
    public async Task Run_AdminLoginItself_LaterSessionsUseTheNewPassword()
    {
        await using var world = await World.CreateAsync();

        var outcome = await world.Resetter.RunAsync(world.Request() with { Account = world.Instance.Admin }, default);

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        world.Server["admin"].ShouldBe(outcome.Password!.Reveal());
        (await world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Run_JoinsARunWhosePasswordAnotherNodeHasReplaced_IsNotToldTheOldOne()
    {
        await using var world = await World.CreateAsync();
        var (reached, goOn) = world.HoldAt(Hop.Finished);
        var resetter = world.Resetter;
        var first = resetter.RunAsync(world.Request(), default);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));
        world.StartAnotherNode();
        (await world.ResetAsync(Wished)).Reset!.State.ShouldBe(ResetState.Done);

        var joined = resetter.RunAsync(world.Request(), default);
        goOn.SetResult();

        (await joined).Password!.Reveal().ShouldBe(world.Server["app"]);
        (await joined).Reset!.Id.ShouldNotBe((await first).Reset!.Id);
    }

    [Fact]
    public async Task Run_RefusedInPlaceOfAParkedResetThatHadChangedThePassword_ServesNoneOfThem()
    {
        await using var world = await World.CreateAsync();
        await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default);
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountExpired, "expired"));
        (await world.ResetAsync("Parked-and-in-force-1!")).Reset!.State.ShouldBe(ResetState.Parked);
        world.Server.LoginAnswers = null;
        world.Server.Fates.Enqueue(Fate.Refuse);
        world.Server.Fates.Enqueue(Fate.Refuse);

        var outcome = await world.ResetAsync(Wished);

        outcome.Reset!.State.ShouldBe(ResetState.Parked);
        outcome.Reset.Cause!.Error.ShouldBe(EngineError.PasswordRefusedByServer);
        (await world.ServedAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Run_AdminLoginWhoseParkedResetIsReplaced_StillGetsInWithTheParkedPassword()
    {
        await using var world = await World.CreateAsync();
        var request = world.Request() with { Account = world.Instance.Admin };
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountExpired, "expired"));
        (await world.Resetter.RunAsync(request, default)).Reset!.State.ShouldBe(ResetState.Parked);
        world.Server.LoginAnswers = null;
        world.OnPrepare = async (intent, store) =>
        {
            await store.PrepareAsync(intent);
            return new PrepareResult(PrepareConflict.Unknown);
        };
        (await world.Resetter.RunAsync(request with { Password = new Secret(Wished) }, default)).Reset!.State.ShouldBe(ResetState.Undecided);

        await world.RestartAsync();
        await world.Reconciler.RunDueAsync(default);

        world.Server["admin"].ShouldBe(Wished);
    }

    [Fact]
    public async Task Run_ProvidersOwnAccount_IsRefused()
    {
        await using var world = await World.CreateAsync();

        var outcome = await world.Resetter.RunAsync(world.Request() with { Account = new AccountName("rdsAdmin") }, default);

        outcome.Refusal!.Reason.ShouldBe(RefusalReason.Protected);
    }
}
