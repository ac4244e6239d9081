using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Sqlite;

public sealed class PrepareTests : IAsyncLifetime
{
    private TestStore _test = null!;

    private IResetStore Resets => _test.Store.Resets;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Prepare_NewAccount_WritesAccountSecretResetStoryAndAudit()
    {
        var account = _test.NewAccount("app");
        var intent = _test.Intent(account) with { AuthPlugin = "scram", Roles = [new AccountRole("readWrite", "shop"), new AccountRole("read", "admin")] };

        var result = await Resets.PrepareAsync(intent);

        result.Conflict.ShouldBe(PrepareConflict.None);
        (result.Fence, result.Version, result.PreparedAt).ShouldBe((1, 1, _test.Clock.Now));
        (await _test.Store.Instances.FindAccountAsync(account.Id, default)).ShouldBe(account);
        (await _test.VersionsAsync(account.Id)).ShouldBe([(1, SecretState.Pending, "new-password")]);
        var reset = (await Resets.FindAsync(intent.ResetId, default)).ShouldNotBeNull();
        reset.State.ShouldBe(ResetState.Prepared);
        reset.Account.ShouldBe(account);
        reset.AuthPlugin.ShouldBe("scram");
        reset.Roles.ShouldBe(intent.Roles);
        reset.SettleBy.ShouldBe(_test.Clock.Now + TimeSpan.FromMinutes(15));
        reset.EndedAt.ShouldBeNull();
        reset.Nodes.ShouldBe(intent.Nodes);
        reset.Events.ShouldHaveSingleItem().Phase.ShouldBe("prepared");
        (await _test.Store.Audit.ListAsync(_test.ProjectId, 1, default))[0].Entry.ShouldBe(intent.Audit);
    }

    [Fact]
    public async Task Prepare_SecondTime_MakesTheNextVersion()
    {
        var account = _test.NewAccount("app");
        await _test.FinishAsync(await _test.PrepareAsync(account, "first"), ResetState.Done);

        var result = await Resets.PrepareAsync(_test.Intent(account, "second"));

        result.Version.ShouldBe(2);
        (await _test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Pending, "second"), (1, SecretState.Current, "first")]);
    }

    [Fact]
    public async Task ListBusyInstances_WithOpenAndEndedResets_ListsTheOpenOnesOfTheProject()
    {
        var prepared = await _test.PrepareAsync(_test.NewAccount("app"), "first");

        (await Resets.ListBusyInstancesAsync(_test.ProjectId, default)).ShouldBe([_test.Instance.Id]);
        (await Resets.ListBusyInstancesAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
        await _test.FinishAsync(prepared, ResetState.Done);
        (await Resets.ListBusyInstancesAsync(_test.ProjectId, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prepare_OtherProofMode_StoresItWithTheAccount()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");

        await _test.PrepareAsync(account with { Proof = ProofMode.Readback });

        (await _test.Store.Instances.FindAccountAsync(account.Id, default))!.Proof.ShouldBe(ProofMode.Readback);
    }

    [Fact]
    public async Task Prepare_AccountHasOpenReset_IsResetOpenAndWritesNothing()
    {
        var account = _test.NewAccount("app");
        var first = await _test.PrepareAsync(account);

        var result = await Resets.PrepareAsync(_test.Intent(account with { Proof = ProofMode.None }, "other"));

        result.ShouldBe(new PrepareResult(PrepareConflict.ResetOpen, first.ResetId));
        (await _test.VersionsAsync(account.Id)).Count.ShouldBe(1);
        (await _test.Store.Instances.FindAccountAsync(account.Id, default))!.Proof.ShouldBe(ProofMode.Login);
    }

    [Fact]
    public async Task Prepare_OpenResetNamedAsReplaced_IsStillResetOpen()
    {
        var account = _test.NewAccount("app");
        var first = await _test.PrepareAsync(account);

        (await Resets.PrepareAsync(_test.Intent(account) with { Replaces = new ParkedReset(first.ResetId, 1) })).Conflict.ShouldBe(PrepareConflict.ResetOpen);
    }

    [Fact]
    public async Task Prepare_ParkedResetNotNamed_IsResetOpen()
    {
        var account = _test.NewAccount("app");
        var parked = await _test.PrepareAsync(account);
        await _test.FinishAsync(parked, ResetState.Parked);

        (await Resets.PrepareAsync(_test.Intent(account))).ShouldBe(new PrepareResult(PrepareConflict.ResetOpen, parked.ResetId));
    }

    [Fact]
    public async Task Prepare_ParkedResetWasTakenOverMeanwhile_IsResetOpen()
    {
        var account = _test.NewAccount("app");
        var parked = await _test.PrepareAsync(account);
        await _test.FinishAsync(parked, ResetState.Parked);
        (await Resets.TakeOverAsync(parked.ResetId, TestStore.Lease, default)).ShouldNotBeNull();
        await _test.FinishAsync(parked, ResetState.Parked, fence: 2);

        var result = await Resets.PrepareAsync(_test.Intent(account) with { Replaces = new ParkedReset(parked.ResetId, 1) });

        result.ShouldBe(new PrepareResult(PrepareConflict.ResetOpen, parked.ResetId));
    }

    [Fact]
    public async Task Prepare_ReplacesParkedReset_KeepsItsSecretAsFailed()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var parked = await _test.PrepareAsync(account, "parked");
        await _test.FinishAsync(parked, ResetState.Parked);

        var next = await _test.PrepareAsync(_test.Intent(account, "next") with { Replaces = new ParkedReset(parked.ResetId, 1) });

        (await _test.VersionsAsync(account.Id)).ShouldBe(
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
        await _test.PrepareAsync(_test.NewAccount("app", held));

        (await Resets.PrepareAsync(_test.Intent(_test.NewAccount("app", asked)))).Conflict.ShouldBe(PrepareConflict.Overlap);
    }

    [Fact]
    public async Task Prepare_TwoRowsOfOneUser_AreTwoAccounts()
    {
        await _test.PrepareAsync(_test.NewAccount("app", "%"));

        (await Resets.PrepareAsync(_test.Intent(_test.NewAccount("app", "localhost")))).Conflict.ShouldBe(PrepareConflict.None);
    }

    [Fact]
    public async Task Prepare_SameNameUnderAnotherId_IsResetOpen()
    {
        var first = await _test.PrepareAsync(_test.NewAccount("app"));

        (await Resets.PrepareAsync(_test.Intent(_test.NewAccount("app")))).OtherReset.ShouldBe(first.ResetId);
    }

    [Fact]
    public async Task Prepare_InstanceRemoved_IsInstanceGone()
    {
        await _test.Store.Instances.RemoveAsync(_test.Instance.Id, _test.Audit("instance.remove"), default);

        (await Resets.PrepareAsync(_test.Intent(_test.NewAccount("app")))).Conflict.ShouldBe(PrepareConflict.InstanceGone);
    }

    [Fact]
    public async Task Prepare_DataKeyGoneFromTheStore_IsStoreFailed()
    {
        using (var other = Storage.Sqlite.SqliteSession.OpenWriter(_test.Path))
        {
            other.ExecuteScript("PRAGMA foreign_keys = OFF; DELETE FROM data_keys;");
        }

        (await Resets.PrepareAsync(_test.Intent(_test.NewAccount("app")))).Conflict.ShouldBe(PrepareConflict.StoreFailed);
        (await _test.Store.Instances.ListAccountsAsync(_test.Instance.Id, default)).ShouldBe([_test.Admin]);
    }

    [Fact]
    public async Task Prepare_ManyAccountsAtOnce_AllAreWritten()
    {
        var intents = Enumerable.Range(0, 200).Select(i => _test.Intent(_test.NewAccount($"app{i}"), $"password{i}")).ToList();

        var results = await Task.WhenAll(intents.Select(intent => Resets.PrepareAsync(intent).AsTask()));

        results.ShouldAllBe(result => result.Conflict == PrepareConflict.None);
        foreach (var intent in intents)
        {
            (await _test.VersionsAsync(intent.Account.Id)).ShouldBe([(1, SecretState.Pending, intent.Password.Reveal())]);
        }
    }

    [Fact]
    public async Task Prepare_OneAccountManyTimesAtOnce_ExactlyOneWins()
    {
        var account = _test.NewAccount("app");

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => Resets.PrepareAsync(_test.Intent(account, $"password{i}")).AsTask())));

        results.Count(result => result.Conflict == PrepareConflict.None).ShouldBe(1);
        results.Count(result => result.Conflict == PrepareConflict.ResetOpen).ShouldBe(199);
        (await _test.VersionsAsync(account.Id)).Count.ShouldBe(1);
    }
}
