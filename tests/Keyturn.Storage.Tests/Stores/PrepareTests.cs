using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Stores;

public abstract class PrepareTests(StoreKind kind) : StoreContract(kind)
{
    private IResetStore Resets => Test.Store.Resets;

    [Fact]
    public async Task Prepare_NewAccount_WritesAccountSecretResetStoryAndAudit()
    {
        var account = Test.NewAccount("app");
        var intent = Test.Intent(account) with { AuthPlugin = "scram", Roles = [new AccountRole("readWrite", "shop"), new AccountRole("read", "admin")] };

        var result = await Resets.PrepareAsync(intent);

        result.Conflict.ShouldBe(PrepareConflict.None);
        (result.Fence, result.Version, result.PreparedAt).ShouldBe((1, 1, Test.Clock.Now));
        (await Test.Store.Instances.FindAccountAsync(account.Id, default)).ShouldBe(account);
        (await Test.VersionsAsync(account.Id)).ShouldBe([(1, SecretState.Pending, "new-password")]);
        var reset = (await Resets.FindAsync(intent.ResetId, default)).ShouldNotBeNull();
        reset.State.ShouldBe(ResetState.Prepared);
        reset.Account.ShouldBe(account);
        reset.AuthPlugin.ShouldBe("scram");
        reset.Roles.ShouldBe(intent.Roles);
        reset.SettleBy.ShouldBe(Test.Clock.Now + TimeSpan.FromMinutes(15));
        reset.EndedAt.ShouldBeNull();
        reset.Nodes.ShouldBe(intent.Nodes);
        reset.Events.ShouldHaveSingleItem().Phase.ShouldBe("prepared");
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.ShouldBe(intent.Audit);
    }

    [Fact]
    public async Task Prepare_SecondTime_MakesTheNextVersion()
    {
        var account = Test.NewAccount("app");
        await Test.FinishAsync(await Test.PrepareAsync(account, "first"), ResetState.Done);

        var result = await Resets.PrepareAsync(Test.Intent(account, "second"));

        result.Version.ShouldBe(2);
        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Pending, "second"), (1, SecretState.Current, "first")]);
    }

    [Fact]
    public async Task Prepare_VersionsAreOthersThanSeen_WritesNothing()
    {
        var account = await Test.AdoptedAccountAsync("app", "first");
        var seen = await Test.SeenAsync(account.Id);
        await Test.FinishAsync(await Test.PrepareAsync(account, "second"), ResetState.Done);

        (await Resets.PrepareAsync(Test.Intent(account, "first") with { Seen = seen })).Conflict.ShouldBe(PrepareConflict.VersionsChanged);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "second"), (1, SecretState.Previous, "first")]);
        (await Resets.PrepareAsync(Test.Intent(account, "second") with { Seen = await Test.SeenAsync(account.Id) })).Conflict.ShouldBe(PrepareConflict.None);
    }

    [Fact]
    public async Task Prepare_RegistrationWasChangedSince_WritesNothing()
    {
        var account = await Test.AdoptedAccountAsync("app", "first");
        var changed = Test.Instance with { Nodes = [.. Test.Instance.Nodes, new Node("added.example.org", 5432)], Revision = 2 };
        await Test.Store.Instances.ReplaceAsync(changed, Test.Audit("instance.change"), default);

        (await Resets.PrepareAsync(Test.Intent(account) with { Revision = 1 })).Conflict.ShouldBe(PrepareConflict.InstanceChanged);
        (await Resets.PrepareAsync(Test.Intent(Test.NewAccount("new")) with { Revision = 1 })).Conflict.ShouldBe(PrepareConflict.InstanceChanged);

        (await Test.VersionsAsync(account.Id)).ShouldHaveSingleItem();
        (await Resets.PrepareAsync(Test.Intent(account) with { Revision = 2 })).Conflict.ShouldBe(PrepareConflict.None);
    }

    [Fact]
    public async Task ListBusyInstances_WithOpenAndEndedResets_ListsTheOpenOnesOfTheProject()
    {
        var prepared = await Test.PrepareAsync(Test.NewAccount("app"), "first");

        (await Resets.ListBusyInstancesAsync(Test.ProjectId, default)).ShouldBe([Test.Instance.Id]);
        (await Resets.ListBusyInstancesAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
        await Test.FinishAsync(prepared, ResetState.Done);
        (await Resets.ListBusyInstancesAsync(Test.ProjectId, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prepare_OtherProofMode_StoresItWithTheAccount()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        await Test.PrepareAsync(account with { Proof = ProofMode.Readback });

        (await Test.Store.Instances.FindAccountAsync(account.Id, default))!.Proof.ShouldBe(ProofMode.Readback);
    }

    [Fact]
    public async Task Prepare_AccountHasOpenReset_IsResetOpenAndWritesNothing()
    {
        var account = Test.NewAccount("app");
        var first = await Test.PrepareAsync(account);

        var result = await Resets.PrepareAsync(Test.Intent(account with { Proof = ProofMode.None }, "other"));

        result.ShouldBe(new PrepareResult(PrepareConflict.ResetOpen, first.ResetId));
        (await Test.VersionsAsync(account.Id)).Count.ShouldBe(1);
        (await Test.Store.Instances.FindAccountAsync(account.Id, default))!.Proof.ShouldBe(ProofMode.Login);
    }

    [Fact]
    public async Task Prepare_OpenResetNamedAsReplaced_IsStillResetOpen()
    {
        var account = Test.NewAccount("app");
        var first = await Test.PrepareAsync(account);

        (await Resets.PrepareAsync(Test.Intent(account) with { Replaces = new ParkedReset(first.ResetId, 1) })).Conflict.ShouldBe(PrepareConflict.ResetOpen);
    }

    [Fact]
    public async Task Prepare_ParkedResetNotNamed_IsResetOpen()
    {
        var account = Test.NewAccount("app");
        var parked = await Test.PrepareAsync(account);
        await Test.FinishAsync(parked, ResetState.Parked);

        (await Resets.PrepareAsync(Test.Intent(account))).ShouldBe(new PrepareResult(PrepareConflict.ResetOpen, parked.ResetId));
    }

    [Fact]
    public async Task Prepare_ParkedResetWasTakenOverMeanwhile_IsResetOpen()
    {
        var account = Test.NewAccount("app");
        var parked = await Test.PrepareAsync(account);
        await Test.FinishAsync(parked, ResetState.Parked);
        (await Resets.TakeOverAsync(parked.ResetId, TestStore.Lease, default)).ShouldNotBeNull();
        await Test.FinishAsync(parked, ResetState.Parked, fence: 2);

        var result = await Resets.PrepareAsync(Test.Intent(account) with { Replaces = new ParkedReset(parked.ResetId, 1) });

        result.ShouldBe(new PrepareResult(PrepareConflict.ResetOpen, parked.ResetId));
    }

    [Fact]
    public async Task Prepare_ReplacesParkedReset_KeepsItsSecretAsFailed()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var parked = await Test.PrepareAsync(account, "parked");
        await Test.FinishAsync(parked, ResetState.Parked);

        var next = await Test.PrepareAsync(Test.Intent(account, "next") with { Replaces = new ParkedReset(parked.ResetId, 1) });

        (await Test.VersionsAsync(account.Id)).ShouldBe(
            [(3, SecretState.Pending, "next"), (2, SecretState.Failed, "parked"), (1, SecretState.Current, "old")]);
        (await Resets.FindUnsettledAsync(account.Id, default))!.Id.ShouldBe(next.ResetId);
        var replaced = (await Resets.FindAsync(parked.ResetId, default))!;
        replaced.State.ShouldBe(ResetState.Parked);
        replaced.Events[^1].Text.ShouldContain(next.ResetId.ToString());
        (await Resets.TakeOverAsync(parked.ResetId, TestStore.Lease, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(null, "10.0.0.%")]
    [InlineData("10.0.0.%", null)]
    public async Task Prepare_UserHeldTheOtherWay_IsOverlap(string? held, string? asked)
    {
        await Test.PrepareAsync(Test.NewAccount("app", held));

        (await Resets.PrepareAsync(Test.Intent(Test.NewAccount("app", asked)))).Conflict.ShouldBe(PrepareConflict.Overlap);
    }

    [Fact]
    public async Task Prepare_TwoRowsOfOneUser_AreTwoAccounts()
    {
        await Test.PrepareAsync(Test.NewAccount("app", "%"));

        (await Resets.PrepareAsync(Test.Intent(Test.NewAccount("app", "localhost")))).Conflict.ShouldBe(PrepareConflict.None);
    }

    [Fact]
    public async Task Prepare_SameNameUnderAnotherId_IsResetOpen()
    {
        var first = await Test.PrepareAsync(Test.NewAccount("app"));

        (await Resets.PrepareAsync(Test.Intent(Test.NewAccount("app")))).OtherReset.ShouldBe(first.ResetId);
    }

    [Fact]
    public async Task Prepare_InstanceRemoved_IsInstanceGone()
    {
        await Test.Store.Instances.RemoveAsync(Test.Instance.Id, Test.Audit("instance.remove"), default);

        (await Resets.PrepareAsync(Test.Intent(Test.NewAccount("app")))).Conflict.ShouldBe(PrepareConflict.InstanceGone);
    }

    [Fact]
    public async Task Prepare_DataKeyGoneFromTheStore_IsStoreFailed()
    {
        await Test.DeleteDataKeysAsync();

        (await Resets.PrepareAsync(Test.Intent(Test.NewAccount("app")))).Conflict.ShouldBe(PrepareConflict.StoreFailed);
        (await Test.Store.Instances.ListAccountsAsync(Test.Instance.Id, default)).ShouldBe([Test.Admin]);
    }

    [Fact]
    public async Task Prepare_ManyAccountsAtOnce_AllAreWritten()
    {
        var intents = Enumerable.Range(0, 200).Select(i => Test.Intent(Test.NewAccount($"app{i}"), $"password{i}")).ToList();

        var results = await Task.WhenAll(intents.Select(intent => Resets.PrepareAsync(intent).AsTask()));

        results.ShouldAllBe(result => result.Conflict == PrepareConflict.None);
        foreach (var intent in intents)
        {
            (await Test.VersionsAsync(intent.Account.Id)).ShouldBe([(1, SecretState.Pending, intent.Password.Reveal())]);
        }
    }

    [Fact]
    public async Task Prepare_OneAccountManyTimesAtOnce_ExactlyOneWins()
    {
        var account = Test.NewAccount("app");

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => Resets.PrepareAsync(Test.Intent(account, $"password{i}")).AsTask())));

        results.Count(result => result.Conflict == PrepareConflict.None).ShouldBe(1);
        results.Count(result => result.Conflict == PrepareConflict.ResetOpen).ShouldBe(199);
        (await Test.VersionsAsync(account.Id)).Count.ShouldBe(1);
    }
}

public sealed class SqlitePrepareTests() : PrepareTests(StoreKind.Sqlite);

public sealed class PostgreSqlPrepareTests() : PrepareTests(StoreKind.PostgreSql);
