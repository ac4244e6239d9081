using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Stores;

/// <summary>Idempotency keys, and repeats without one.</summary>
public abstract class RepeatTests(StoreKind kind) : StoreContract(kind)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private IResetStore Resets => Test.Store.Resets;

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

        await Test.ReopenAsync();

        Resets.Digest("text").ShouldBe(before);
    }

    [Fact]
    public async Task FindByKey_SameRequest_FindsTheReset()
    {
        var intent = await KeyedAsync();

        (await FindByKeyAsync(intent, "new-password")).ShouldBe((intent.ResetId, true));
    }

    /// <summary>A key is what a caller put there, which may have been meant for another header; stores of before have it as it came.</summary>
    [Fact]
    public async Task Key_IsStoredAsADigest_AndFoundAsItWasStoredBefore()
    {
        var intent = await KeyedAsync();
        (await Test.NumberAsync("SELECT count(*) FROM resets WHERE idempotency_key IS NOT NULL")).ShouldBe(1);
        (await Test.NumberAsync("SELECT count(*) FROM resets WHERE idempotency_key LIKE '%key%'")).ShouldBe(0);

        await Test.ExecuteAsync("UPDATE resets SET idempotency_key = 'key'");

        (await FindByKeyAsync(intent, "new-password")).ShouldBe((intent.ResetId, true));
        (await Resets.PrepareAsync(Test.Intent(intent.Account) with { IdempotencyKey = "key" })).Conflict.ShouldBe(PrepareConflict.KeyTaken);
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
        Test.Clock.Advance(TimeSpan.FromHours(24));

        (await FindByKeyAsync(intent, "new-password")).ShouldBeNull();
    }

    [Fact]
    public async Task Prepare_KeyTaken_NamesTheOtherResetAndWritesNothing()
    {
        var first = await KeyedAsync();
        await Test.FinishAsync(first, ResetState.Done);

        var result = await Resets.PrepareAsync(Test.Intent(first.Account) with { IdempotencyKey = "key" });

        result.ShouldBe(new PrepareResult(PrepareConflict.KeyTaken, first.ResetId));
        (await Test.VersionsAsync(first.Account.Id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Prepare_KeyTakenByAnOpenReset_IsKeyTakenAndNotResetOpen()
    {
        var first = await KeyedAsync();

        (await Resets.PrepareAsync(Test.Intent(first.Account) with { IdempotencyKey = "key" })).Conflict.ShouldBe(PrepareConflict.KeyTaken);
    }

    [Fact]
    public async Task Prepare_KeyOfYesterday_IsFreeAgain()
    {
        var first = await KeyedAsync();
        await Test.FinishAsync(first, ResetState.Done);
        Test.Clock.Advance(TimeSpan.FromHours(24));

        var second = await Test.PrepareAsync(Test.Intent(first.Account) with { IdempotencyKey = "key" });

        (await FindByKeyAsync(second, "new-password")).ShouldBe((second.ResetId, true));
    }

    [Fact]
    public async Task Prepare_SameKeyManyTimesAtOnce_ExactlyOneWins()
    {
        var account = Test.NewAccount("app");
        var intents = Enumerable.Range(0, 50).Select(_ => Test.Intent(account) with { IdempotencyKey = "key" }).ToList();

        var results = await Task.WhenAll(intents.Select(intent => Resets.PrepareAsync(intent).AsTask()));

        var winner = intents[results.Index().Single(result => result.Item.Conflict == PrepareConflict.None).Index];
        results.Count(result => result == new PrepareResult(PrepareConflict.KeyTaken, winner.ResetId)).ShouldBe(49);
    }

    [Fact]
    public async Task FindRepeat_Open_FindsIt()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));

        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
        (await Resets.FindRepeatAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, Resets.Digest("another"), default)).ShouldBeNull();
        (await Resets.FindRepeatAsync(intent.PrincipalId, "other", intent.Account.Id, intent.RequestDigest, default)).ShouldBeNull();
        (await Resets.FindRepeatAsync(Guid.NewGuid(), intent.Operation, intent.Account.Id, intent.RequestDigest, default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindRepeat_EndedAndDelivered_IsNull()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Test.FinishAsync(intent, ResetState.Done);

        (await FindRepeatAsync(intent)).ShouldBeNull();
    }

    [Fact]
    public async Task FindRepeat_EndedUntold_FindsItForAsLongAsItSays()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Resets.FinishAsync(Test.End(intent, ResetState.Done) with { RepeatWithin = Minute });

        Test.Clock.Advance(Minute);
        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
        Test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await FindRepeatAsync(intent)).ShouldBeNull();
    }

    [Fact]
    public async Task FindRepeat_AnswerNotDelivered_FindsIt()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Test.FinishAsync(intent, ResetState.Done);

        await Resets.MarkUndeliveredAsync(intent.ResetId, Minute);

        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
    }

    [Fact]
    public async Task FindRepeat_ToldUndecidedThenDone_FindsIt()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Resets.FinishAsync(Test.End(intent, ResetState.Undecided) with { RepeatWithin = Minute });
        await Test.FinishAsync(intent, ResetState.Done);

        (await FindRepeatAsync(intent)).ShouldBe(intent.ResetId);
    }

    private Task<ResetIntent> KeyedAsync() => Test.PrepareAsync(Test.Intent(Test.NewAccount("app")) with { IdempotencyKey = "key" });

    private ValueTask<(Guid ResetId, bool SameRequest)?> FindByKeyAsync(ResetIntent intent, string request) =>
        Resets.FindByKeyAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, "key", Resets.Digest(request), default);

    private ValueTask<Guid?> FindRepeatAsync(ResetIntent intent) =>
        Resets.FindRepeatAsync(intent.PrincipalId, intent.Operation, intent.Account.Id, intent.RequestDigest, default);
}

public sealed class SqliteRepeatTests() : RepeatTests(StoreKind.Sqlite);

public sealed class PostgreSqlRepeatTests() : RepeatTests(StoreKind.PostgreSql);
