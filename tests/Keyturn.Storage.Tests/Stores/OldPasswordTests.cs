using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Care;

namespace Keyturn.Storage.Tests.Stores;

/// <summary>Passwords that resets leave valid: what is stored of them, and whose turn it is to discard them.</summary>
public abstract class OldPasswordTests(StoreKind kind) : StoreContract(kind)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private IResetStore Resets => Test.Store.Resets;

    private IInstanceStore Instances => Test.Store.Instances;

    [Fact]
    public async Task Finish_OldIsKept_NamesItsVersionAndItsEnd()
    {
        var (account, intent) = await KeepingAsync();

        var old = new OldPassword(1, Test.Clock.Now + Hour);
        (await FindAsync(account)).Old.ShouldBe(old);
        (await Instances.ListAccountsAsync(Test.Instance.Id, default)).Single(held => held.Id == account.Id).Old.ShouldBe(old);
        var reset = (await Resets.FindAsync(intent.ResetId, default))!;
        (reset.KeepOldFor, reset.OldKeptUntil, reset.Account.Old).ShouldBe((Hour, old.Until, old));
    }

    [Fact]
    public async Task Finish_OldIsNotThere_NamesNone()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(Test.Intent(account, "new") with { KeepOldFor = Hour });

        await Test.FinishAsync(intent, ResetState.Done);

        (await FindAsync(account)).Old.ShouldBeNull();
        var reset = (await Resets.FindAsync(intent.ResetId, default))!;
        (reset.KeepOldFor, reset.OldKeptUntil).ShouldBe((Hour, null));
    }

    [Theory]
    [InlineData(ResetState.Failed)]
    [InlineData(ResetState.Undecided)]
    [InlineData(ResetState.Parked)]
    public async Task Finish_NotDone_LeavesTheOldOneOfBefore(ResetState state)
    {
        var (account, _) = await KeepingAsync();
        var before = (await FindAsync(account)).Old;
        var intent = await Test.PrepareAsync(Test.Intent(account, "newer") with { KeepOldFor = Hour });

        (await Resets.FinishAsync(Test.End(intent, state) with { OldIsKept = true })).ShouldBeTrue();

        (await FindAsync(account)).Old.ShouldBe(before);
    }

    [Fact]
    public async Task Finish_PlainResetDone_NamesNoOldOneAnyMore()
    {
        var (account, _) = await KeepingAsync();

        await Test.FinishAsync(await Test.PrepareAsync(account, "newer"), ResetState.Done);

        (await FindAsync(account)).Old.ShouldBeNull();
        Test.Clock.Advance(Hour);
        (await Instances.ListToDiscardAsync(10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task TakeOver_KeepingReset_GivesTheCurrentOneAsTheOld()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(Test.Intent(account, "new") with { KeepOldFor = Hour });
        Test.Clock.Advance(TestStore.Lease);

        var taken = (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default))!;

        (taken.Pending.Reveal(), taken.Current!.Reveal(), taken.Old!.Reveal()).ShouldBe(("new", "old", "old"));
    }

    [Fact]
    public async Task Discard_Done_MakesNoVersionAndNamesNoOldOneAnyMore()
    {
        var (account, _) = await KeepingAsync();
        var intent = await DiscardAsync(account);
        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
        var open = await Test.Store.Secrets.ReadAsync(account.Id, 1, default);
        (open.OpenReset, open.Known!.Password.Reveal()).ShouldBe((intent.ResetId, "new"));

        await Test.FinishAsync(intent, ResetState.Done);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
        (await FindAsync(account)).Old.ShouldBeNull();
        var reset = (await Resets.FindAsync(intent.ResetId, default))!;
        (reset.Kind, reset.Version).ShouldBe((ResetKind.DiscardOld, 2));
    }

    [Fact]
    public async Task Discard_Failed_LeavesEverythingAsItWas()
    {
        var (account, _) = await KeepingAsync();

        await Test.FinishAsync(await DiscardAsync(account), ResetState.Failed);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
        (await FindAsync(account)).Old.ShouldNotBeNull();
    }

    [Fact]
    public async Task TakeOver_Discard_GivesThePresentAndTheOldOne()
    {
        var (account, _) = await KeepingAsync();
        var intent = await DiscardAsync(account);
        Test.Clock.Advance(TestStore.Lease);

        var taken = (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default))!;

        (taken.Reset.Kind, taken.Pending.Reveal(), taken.Current!.Reveal(), taken.Old!.Reveal()).ShouldBe((ResetKind.DiscardOld, "new", "new", "old"));
    }

    [Fact]
    public async Task Prepare_VersionsAreOthersThanWereSeen_IsRefusedAndWritesNothing()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = Test.Intent(account, "new") with { KeepOldFor = Hour, Seen = await Test.SeenAsync(account.Id) };
        await Test.FinishAsync(await Test.PrepareAsync(account, "another"), ResetState.Done);

        (await Resets.PrepareAsync(intent)).Conflict.ShouldBe(PrepareConflict.VersionsChanged);

        (await Test.VersionsAsync(account.Id)).Count.ShouldBe(2);
        (await Resets.FindUnsettledAsync(account.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task ListToDiscard_TimeIsOver_IsOneCallersTurnUntilThePauseIsOver()
    {
        var (account, _) = await KeepingAsync();
        (await Instances.ListToDiscardAsync(10, default)).ShouldBeEmpty();
        (await Instances.TryBeginDiscardAsync(account.Id, Minute, default)).ShouldBeFalse();
        Test.Clock.Advance(Hour);

        (await Instances.ListToDiscardAsync(10, default)).ShouldHaveSingleItem().Id.ShouldBe(account.Id);
        (await Instances.TryBeginDiscardAsync(account.Id, Minute, default)).ShouldBeTrue();
        (await Instances.TryBeginDiscardAsync(account.Id, Minute, default)).ShouldBeFalse();
        (await Instances.ListToDiscardAsync(10, default)).ShouldBeEmpty();
        Test.Clock.Advance(Minute);
        (await Instances.ListToDiscardAsync(10, default)).Count.ShouldBe(1);
        (await FindAsync(account)).Old!.Until.ShouldBe(Test.Clock.Now - Minute);
    }

    [Theory]
    [InlineData(ResetState.Undecided, false)]
    [InlineData(ResetState.Parked, false)]
    [InlineData(ResetState.Failed, true)]
    public async Task ListToDiscard_AnotherResetOfTheAccount_IsWaitedFor(ResetState state, bool isListed)
    {
        var (account, _) = await KeepingAsync();
        await Test.FinishAsync(await Test.PrepareAsync(account, "newer"), state);
        Test.Clock.Advance(Hour);

        (await Instances.ListToDiscardAsync(10, default)).Count.ShouldBe(isListed ? 1 : 0);
    }

    [Fact]
    public async Task ListToDiscard_DiscardIsParked_IsListed()
    {
        var (account, _) = await KeepingAsync();
        await Test.FinishAsync(await DiscardAsync(account), ResetState.Parked);
        Test.Clock.Advance(Hour);

        (await Instances.ListToDiscardAsync(10, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ListToDiscard_RestoredAccount_IsNotListed()
    {
        var (account, _) = await KeepingAsync();
        Test.Clock.Advance(Hour);
        await Test.ExecuteAsync("UPDATE accounts SET unverified_since = $now WHERE id = $id", ("$now", Test.Clock.Now), ("$id", account.Id));

        (await Instances.ListToDiscardAsync(10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task AdoptAndPromote_OnlyPromoteSaysThatThereIsNoOldOne()
    {
        var (account, _) = await KeepingAsync();
        (await Test.Store.Secrets.AdoptAsync(account, new Secret("third"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default)).ShouldBeTrue();
        (await FindAsync(account)).Old.ShouldNotBeNull();

        (await Test.Store.Secrets.PromoteAsync(account.Id, 1, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default)).ShouldBeTrue();

        (await FindAsync(account)).Old.ShouldBeNull();
    }

    [Fact]
    public async Task Retention_OldOneIsValidStill_KeepsIt()
    {
        var (account, _) = await KeepingAsync();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Test.FinishAsync(await Test.PrepareAsync(account, $"refused {attempt}"), ResetState.Failed);
        }

        await Test.Store.Retention.RunAsync(new RetentionRules(1, TimeSpan.FromDays(90)), default);
        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["refused 2", "new", "old"]);

        await Test.FinishAsync(await DiscardAsync(account), ResetState.Done);
        await Test.Store.Retention.RunAsync(new RetentionRules(1, TimeSpan.FromDays(90)), default);
        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["refused 2", "new"]);
    }

    [Fact]
    public async Task Reopen_OldOneAndOpenDiscard_AreThereStill()
    {
        var (account, _) = await KeepingAsync();
        var before = await FindAsync(account);
        var intent = await DiscardAsync(account);

        await Test.ReopenAsync();

        (await FindAsync(account)).ShouldBe(before);
        (await Resets.FindUnsettledAsync(account.Id, default))!.Id.ShouldBe(intent.ResetId);
    }

    private async Task<(Account Account, ResetIntent Intent)> KeepingAsync()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(Test.Intent(account, "new") with { KeepOldFor = Hour, Seen = await Test.SeenAsync(account.Id) });
        (await Resets.FinishAsync(Test.End(intent, ResetState.Done) with { OldIsKept = true })).ShouldBeTrue();
        return (account, intent);
    }

    private async Task<ResetIntent> DiscardAsync(Account account) => await Test.PrepareAsync(
        Test.Intent(account, "new") with { Kind = ResetKind.DiscardOld, Proof = ProofMode.Readback, Seen = await Test.SeenAsync(account.Id) });

    private async Task<Account> FindAsync(Account account) => (await Instances.FindAccountAsync(account.Id, default))!;
}

public sealed class SqliteOldPasswordTests() : OldPasswordTests(StoreKind.Sqlite);

public sealed class PostgreSqlOldPasswordTests() : OldPasswordTests(StoreKind.PostgreSql);
