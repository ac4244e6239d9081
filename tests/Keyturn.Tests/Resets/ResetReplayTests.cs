using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>The same request again: while the first runs, after an answer that did not arrive, or with a key.</summary>
public sealed class ResetReplayTests
{
    private const string Wished = "Wished-for-4711!";

    [Fact]
    public async Task Run_CallerHangsUpWhileTheServerWorks_EndsDoneAndARepeatGetsThatOutcome()
    {
        await using var world = await World.CreateAsync();
        using var caller = new CancellationTokenSource();
        world.Server.OnChange = () => caller.CancelAsync();
        await world.ResetAsync(cancel: caller.Token).ContinueWith(_ => { }, TaskScheduler.Default);

        world.Server.OnChange = () => Task.CompletedTask;
        var repeated = await world.ResetAsync();

        repeated.Reset!.State.ShouldBe(ResetState.Done);
        world.Server.Changes.ShouldBe(1);
        world.Server["app"].ShouldBe(repeated.Password!.Reveal());
        var third = await world.ResetAsync();
        third.Reset!.Id.ShouldBe(repeated.Reset.Id);
        world.Clock.Advance(ResetReplay.RepeatWithin * 2);
        (await world.ResetAsync()).Reset!.Id.ShouldNotBe(repeated.Reset.Id);
    }

    [Fact]
    public async Task Run_SameRequestWhileTheFirstRuns_ChangesOnceAndBothGetIt()
    {
        await using var world = await World.CreateAsync();
        var inside = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        world.Server.OnChange = () =>
        {
            inside.SetResult();
            return goOn.Task;
        };
        var first = world.ResetAsync();
        await inside.Task;
        var second = world.ResetAsync();
        goOn.SetResult();

        (await second).Reset!.Id.ShouldBe((await first).Reset!.Id);
        (await second).Password.ShouldBe((await first).Password);
        (await first).Password.ShouldNotBeNull();
        world.Server.Changes.ShouldBe(1);
        (await RevealsAsync(world)).ShouldHaveSingleItem().Reset.ShouldBe((await first).Reset!.Id, "the second was shown it too");
    }

    [Fact]
    public async Task Run_SameBodyForNamesThatReadAlike_AreTwoResets()
    {
        await using var world = await World.CreateAsync();
        world.Server["app@host"] = "old";
        var inside = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        world.Server.OnChange = () =>
        {
            inside.TrySetResult();
            return goOn.Task;
        };
        var row = world.Resetter.RunAsync(world.Request() with { Account = new AccountName("app", "host") }, default);
        await inside.Task;
        var user = world.Resetter.RunAsync(world.Request() with { Account = new AccountName("app@host") }, default);
        goOn.SetResult();

        (await row).Reset!.Account.Name.ShouldBe(new AccountName("app", "host"));
        (await user).Reset!.Account.Name.ShouldBe(new AccountName("app@host"));
    }

    [Fact]
    public async Task Run_RepeatOfAnUndeliveredOneAfterAnother_IsANewReset()
    {
        await using var world = await World.CreateAsync();
        var first = await world.ResetAsync(Wished);
        await world.Store.MarkUndeliveredAsync(first.Reset!.Id, ResetReplay.RepeatWithin);
        await world.ResetAsync("Another-one-4712!");

        var again = await world.ResetAsync(Wished);

        again.Reset!.State.ShouldBe(ResetState.Done);
        again.Password!.Reveal().ShouldBe(Wished);
        world.Server["app"].ShouldBe(Wished);
    }

    [Fact]
    public async Task Run_CallerHangsUpAndTheAnswerIsLost_ARepeatGetsWhatWasSettled()
    {
        await using var world = await World.CreateAsync();
        using var caller = new CancellationTokenSource();
        world.Server.Fates.Enqueue(Fate.ApplyAndLoseAnswer);
        world.Server.OnChange = () => caller.CancelAsync();
        await world.ResetAsync(cancel: caller.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        await world.Resetter.WhenIdleAsync();

        world.Server.OnChange = () => Task.CompletedTask;
        var repeated = await world.ResetAsync();

        repeated.Reset!.State.ShouldBe(ResetState.Done);
        (await world.Store.ListAsync(world.Instance.Id, null, 10, default)).ShouldHaveSingleItem().Id.ShouldBe(repeated.Reset.Id);
    }

    [Fact]
    public async Task Run_SameKeyTwice_ChangesOnceAndAnswersTheSame()
    {
        await using var world = await World.CreateAsync();

        var first = await world.ResetAsync(key: "k1");
        await world.RestartAsync();
        var second = await world.ResetAsync(key: "k1");

        second.Reset!.Id.ShouldBe(first.Reset!.Id);
        second.Password.ShouldBe(first.Password);
        world.Server.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task Run_SameKeyTwice_TheSecondAnswerIsARevealOfThatReset()
    {
        await using var world = await World.CreateAsync();

        var first = await world.ResetAsync(key: "k1");
        (await RevealsAsync(world)).ShouldBeEmpty();
        await world.ResetAsync(key: "k1");

        (await RevealsAsync(world)).ShouldHaveSingleItem().ShouldBe(("done", first.Reset!.Id, "test.reset; the answer to a request that was made before"));
    }

    [Fact]
    public async Task Run_RepeatOfAnUndeliveredOne_IsAReveal()
    {
        await using var world = await World.CreateAsync();
        var first = await world.ResetAsync();
        await world.Store.MarkUndeliveredAsync(first.Reset!.Id, ResetReplay.RepeatWithin);

        (await world.ResetAsync()).Password.ShouldBe(first.Password);

        (await RevealsAsync(world)).ShouldHaveSingleItem().Reset.ShouldBe(first.Reset.Id);
    }

    [Fact]
    public async Task Run_RowOfTheRevealCannotBeWritten_IsDoneWithoutThePassword()
    {
        await using var world = await World.CreateAsync();
        var first = await world.ResetAsync(key: "k1");
        world.Audit.Fails = entry => entry.Action == "account.reveal";

        var second = await world.ResetAsync(key: "k1");

        second.Reset!.Id.ShouldBe(first.Reset!.Id);
        second.Reset.State.ShouldBe(ResetState.Done);
        second.Password.ShouldBeNull();
    }

    [Theory]
    [InlineData(Wished, false)]
    [InlineData(null, true)]
    public async Task Run_RepeatThatTellsTheCallerNothing_IsNoReveal(string? password, bool hides)
    {
        await using var world = await World.CreateAsync();
        var request = world.Request(password) with { IdempotencyKey = "k1", HidesPassword = hides };
        await world.Resetter.RunAsync(request, default);

        (await world.Resetter.RunAsync(request, default)).Password.ShouldNotBeNull();

        (await RevealsAsync(world)).ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<(string Outcome, Guid? Reset, string? Detail)>> RevealsAsync(World world) =>
        [.. (await world.Audit.ListAsync(world.Instance.ProjectId, new AuditFilter(100) { Action = "account.reveal" }, default)).Select(row => (row.Entry.Outcome, row.Entry.ResetId, row.Entry.Detail))];

    [Fact]
    public async Task Run_SameKeyForAnotherRequest_IsRefused()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync(key: "k1");

        (await world.ResetAsync(Wished, key: "k1")).Refusal!.Reason.ShouldBe(RefusalReason.KeyReused);

        world.Server.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task Run_KeyOfAResetThatWasFollowedByAnother_GivesNoOutdatedPassword()
    {
        await using var world = await World.CreateAsync();
        var first = await world.ResetAsync(key: "k1");
        await world.ResetAsync(key: "k2");

        var replayed = await world.ResetAsync(key: "k1");

        replayed.Reset!.Id.ShouldBe(first.Reset!.Id);
        replayed.Password.ShouldBeNull();
    }
}
