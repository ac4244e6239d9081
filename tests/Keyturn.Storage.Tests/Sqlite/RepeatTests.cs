using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>Idempotency keys, and repeats without one.</summary>
public sealed class RepeatTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private TestStore _test = null!;

    private IResetStore Resets => _test.Store.Resets;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public void Digest_SameText_IsTheSameOnThisStoreOnly()
    {
        Resets.Digest("text").ShouldBe(Resets.Digest("text"));
        Resets.Digest("text").ShouldNotBe(Resets.Digest("other"));
        Resets.Digest("text").ShouldNotBe(System.Security.Cryptography.SHA256.HashData("text"u8));
    }

    [Fact]
    public async Task Digest_StoreReopened_IsTheSame()
    {
        var before = Resets.Digest("text");

        await _test.ReopenAsync();

        Resets.Digest("text").ShouldBe(before);
    }

    [Fact]
    public async Task FindByKey_SameRequest_FindsTheReset()
    {
        var intent = await KeyedAsync();

        (await FindByKeyAsync(intent, "new-password")).ShouldBe((intent.ResetId, true));
    }

    [Fact]
    public async Task FindByKey_OtherRequest_SaysSo()
    {
        var intent = await KeyedAsync();

        (await FindByKeyAsync(intent, "another")).ShouldBe((intent.ResetId, false));
    }

    [Fact]
    public async Task FindByKey_OtherPrincipalOperationAccountOrKey_IsNull()
    {
        var intent = await KeyedAsync();
        var digest = intent.RequestDigest;

        (await Resets.FindByKeyAsync(Guid.NewGuid(), intent.Operation, intent.Account.Id, "key", digest, default)).ShouldBeNull();
        (await Resets.FindByKeyAsync(intent.PrincipalId, "other", intent.Account.Id, "key", digest, default)).ShouldBeNull();
        (await Resets.FindByKeyAsync(intent.PrincipalId, intent.Operation, Guid.NewGuid(), "key", digest, default)).ShouldBeNull();
        (await Resets.FindByKeyAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, "KEY", digest, default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindByKey_AfterADay_IsNull()
    {
        var intent = await KeyedAsync();
        _test.Clock.Advance(TimeSpan.FromHours(24));

        (await FindByKeyAsync(intent, "new-password")).ShouldBeNull();
    }

    [Fact]
    public async Task Prepare_KeyTaken_NamesTheOtherResetAndWritesNothing()
    {
        var first = await KeyedAsync();
        await _test.FinishAsync(first, ResetState.Done);

        var result = await Resets.PrepareAsync(_test.Intent(first.Account) with { IdempotencyKey = "key" });

        result.ShouldBe(new PrepareResult(PrepareConflict.KeyTaken, first.ResetId));
        (await _test.VersionsAsync(first.Account.Id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Prepare_KeyTakenByAnOpenReset_IsKeyTakenAndNotResetOpen()
    {
        var first = await KeyedAsync();

        (await Resets.PrepareAsync(_test.Intent(first.Account) with { IdempotencyKey = "key" })).Conflict.ShouldBe(PrepareConflict.KeyTaken);
    }

    [Fact]
    public async Task Prepare_KeyOfYesterday_IsFreeAgain()
    {
        var first = await KeyedAsync();
        await _test.FinishAsync(first, ResetState.Done);
        _test.Clock.Advance(TimeSpan.FromHours(24));

        var second = await _test.PrepareAsync(_test.Intent(first.Account) with { IdempotencyKey = "key" });

        (await FindByKeyAsync(second, "new-password")).ShouldBe((second.ResetId, true));
    }

    [Fact]
    public async Task Prepare_SameKeyManyTimesAtOnce_ExactlyOneWins()
    {
        var account = _test.NewAccount("app");
        var intents = Enumerable.Range(0, 50).Select(_ => _test.Intent(account) with { IdempotencyKey = "key" }).ToList();

        var results = await Task.WhenAll(intents.Select(intent => Resets.PrepareAsync(intent).AsTask()));

        var winner = intents[results.Index().Single(result => result.Item.Conflict == PrepareConflict.None).Index];
        results.Count(result => result == new PrepareResult(PrepareConflict.KeyTaken, winner.ResetId)).ShouldBe(49);
    }

    [Fact]
    public async Task FindRepeat_Open_FindsIt()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));

        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
        (await Resets.FindRepeatAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, Resets.Digest("another"), default)).ShouldBeNull();
        (await Resets.FindRepeatAsync(intent.PrincipalId, "other", intent.Account.Id, intent.RequestDigest, default)).ShouldBeNull();
        (await Resets.FindRepeatAsync(Guid.NewGuid(), intent.Operation, intent.Account.Id, intent.RequestDigest, default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindRepeat_EndedAndDelivered_IsNull()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        await _test.FinishAsync(intent, ResetState.Done);

        (await FindRepeatAsync(intent)).ShouldBeNull();
    }

    [Fact]
    public async Task FindRepeat_EndedUntold_FindsItForAsLongAsItSays()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        await Resets.FinishAsync(_test.End(intent, ResetState.Done) with { RepeatWithin = Minute });

        _test.Clock.Advance(Minute);
        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
        _test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await FindRepeatAsync(intent)).ShouldBeNull();
    }

    [Fact]
    public async Task FindRepeat_AnswerNotDelivered_FindsIt()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        await _test.FinishAsync(intent, ResetState.Done);

        await Resets.MarkUndeliveredAsync(intent.ResetId, Minute);

        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
    }

    [Fact]
    public async Task FindRepeat_ToldUndecidedThenDone_FindsIt()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        await Resets.FinishAsync(_test.End(intent, ResetState.Undecided) with { RepeatWithin = Minute });
        await _test.FinishAsync(intent, ResetState.Done);

        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
    }

    private Task<ResetIntent> KeyedAsync() => _test.PrepareAsync(_test.Intent(_test.NewAccount("app")) with { IdempotencyKey = "key" });

    private ValueTask<(Guid ResetId, bool SameRequest)?> FindByKeyAsync(ResetIntent intent, string request) =>
        Resets.FindByKeyAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, "key", Resets.Digest(request), default);

    private ValueTask<Guid?> FindRepeatAsync(ResetIntent intent) =>
        Resets.FindRepeatAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, intent.RequestDigest, default);
}
