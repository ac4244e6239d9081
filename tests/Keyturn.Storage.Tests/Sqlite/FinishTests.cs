using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Sqlite;

public sealed class FinishTests : IAsyncLifetime
{
    private TestStore _test = null!;

    private IResetStore Resets => _test.Store.Resets;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Finish_Done_MovesVersionsOnAndClearsDrift()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        await _test.Store.Instances.SetDriftAsync(account.Id, _test.Clock.Now, _test.Audit("account.verify"), default);
        var intent = await _test.PrepareAsync(account, "new");

        await _test.FinishAsync(intent, ResetState.Done);

        (await _test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
        (await _test.Store.Secrets.ReadAsync(account.Id, 1, default)).OpenReset.ShouldBeNull();
        (await _test.Store.Instances.FindAccountAsync(account.Id, default))!.DriftedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Finish_Done_IsInTheStoryAndTheAuditLog()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        _test.Clock.Advance(TimeSpan.FromSeconds(1));
        var end = _test.End(intent, ResetState.Done);

        await Resets.FinishAsync(end);

        var reset = (await Resets.FindAsync(intent.ResetId, default))!;
        (reset.State, reset.EndedAt, reset.Cause).ShouldBe((ResetState.Done, _test.Clock.Now, null));
        reset.Nodes.ShouldBe(end.Nodes);
        reset.Events.Select(line => line.Phase).ShouldBe(["prepared", "done"]);
        (await _test.Store.Audit.ListAsync(_test.ProjectId, 1, default))[0].Entry.ShouldBe(end.Audit);
    }

    [Fact]
    public async Task Finish_Failed_KeepsThePendingSecretAsFailed()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var intent = await _test.PrepareAsync(account, "new");

        await _test.FinishAsync(intent, ResetState.Failed);

        (await _test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Failed, "new"), (1, SecretState.Current, "old")]);
        (await Resets.FindAsync(intent.ResetId, default))!.Cause.ShouldBe(new Failure(EngineError.TimedOut, "no answer"));
        (await Resets.FindUnsettledAsync(account.Id, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(ResetState.Undecided)]
    [InlineData(ResetState.Parked)]
    public async Task Finish_NotSettled_KeepsBothSecrets(ResetState state)
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var intent = await _test.PrepareAsync(account, "new");

        await _test.FinishAsync(intent, state);

        (await _test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Pending, "new"), (1, SecretState.Current, "old")]);
        (await _test.Store.Secrets.ReadAsync(account.Id, 1, default)).OpenReset.ShouldBe(intent.ResetId);
        (await Resets.FindUnsettledAsync(account.Id, default))!.Id.ShouldBe(intent.ResetId);
    }

    [Fact]
    public async Task Finish_Twice_SecondWritesNothing()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        await _test.FinishAsync(intent, ResetState.Done);

        (await Resets.FinishAsync(_test.End(intent, ResetState.Failed))).ShouldBeFalse();
        (await Resets.FindAsync(intent.ResetId, default))!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Finish_Prepared_IsABugAndWritesNothing()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));

        await Should.ThrowAsync<InvalidOperationException>(() => Resets.FinishAsync(_test.End(intent, ResetState.Prepared)).AsTask());
        (await Resets.FindAsync(intent.ResetId, default))!.Events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task List_OfAccount_IsNewestFirst()
    {
        var account = _test.NewAccount("app");
        var first = await _test.PrepareAsync(account);
        await _test.FinishAsync(first, ResetState.Done);
        var second = await _test.PrepareAsync(account);
        var other = await _test.PrepareAsync(_test.NewAccount("other"));

        (await Resets.ListAsync(_test.Instance.Id, account.Id, 10, default)).Select(reset => reset.Id).ShouldBe([second.ResetId, first.ResetId]);
        (await Resets.ListAsync(_test.Instance.Id, null, 2, default)).Select(reset => reset.Id).ShouldBe([other.ResetId, second.ResetId]);
        (await Resets.ListAsync(Guid.NewGuid(), account.Id, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Find_NodeWithEverything_ComesBackTheSame()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));
        var node = new NodeProgress(new Node("2001:db8::1", 6379, NodeRole.Peer), new ServerSession("9", "run"), NodeStep.Persisted, ProofMode.Readback, new Failure(EngineError.Busy, "later"), NotPersisted: true);

        await Resets.FinishAsync(_test.End(intent, ResetState.Undecided) with { Nodes = [intent.Nodes[0], node] });

        (await Resets.FindAsync(intent.ResetId, default))!.Nodes.ShouldBe([intent.Nodes[0], node]);
    }
}
