using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Stores;

public abstract class FinishTests(StoreKind kind) : StoreContract(kind)
{
    private IResetStore Resets => Test.Store.Resets;

    [Fact]
    public async Task Finish_Done_MovesVersionsOnAndClearsDrift()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await Test.Store.Instances.SetDriftAsync(account.Id, Test.Clock.Now, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default);
        var intent = await Test.PrepareAsync(account, "new");

        await Test.FinishAsync(intent, ResetState.Done);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
        (await Test.Store.Secrets.ReadAsync(account.Id, 1, default)).OpenReset.ShouldBeNull();
        (await Test.Store.Instances.FindAccountAsync(account.Id, default))!.DriftedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Finish_Done_IsInTheStoryAndTheAuditLog()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        Test.Clock.Advance(TimeSpan.FromSeconds(1));
        var end = Test.End(intent, ResetState.Done);

        await Resets.FinishAsync(end);

        var reset = (await Resets.FindAsync(intent.ResetId, default))!;
        (reset.State, reset.EndedAt, reset.Cause).ShouldBe((ResetState.Done, Test.Clock.Now, null));
        reset.Nodes.ShouldBe(end.Nodes);
        reset.Events.Select(line => line.Phase).ShouldBe(["prepared", "done"]);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.ShouldBe(end.Audit);
    }

    [Fact]
    public async Task Finish_Failed_KeepsThePendingSecretAsFailed()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(account, "new");

        await Test.FinishAsync(intent, ResetState.Failed);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Failed, "new"), (1, SecretState.Current, "old")]);
        (await Resets.FindAsync(intent.ResetId, default))!.Cause.ShouldBe(new Failure(EngineError.TimedOut, "no answer"));
        (await Resets.FindUnsettledAsync(account.Id, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(ResetState.Undecided)]
    [InlineData(ResetState.Parked)]
    public async Task Finish_NotSettled_KeepsBothSecrets(ResetState state)
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(account, "new");

        await Test.FinishAsync(intent, state);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Pending, "new"), (1, SecretState.Current, "old")]);
        (await Test.Store.Secrets.ReadAsync(account.Id, 1, default)).OpenReset.ShouldBe(intent.ResetId);
        (await Resets.FindUnsettledAsync(account.Id, default))!.Id.ShouldBe(intent.ResetId);
    }

    [Fact]
    public async Task Finish_Twice_SecondWritesNothing()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Test.FinishAsync(intent, ResetState.Done);

        (await Resets.FinishAsync(Test.End(intent, ResetState.Failed))).ShouldBeFalse();
        (await Resets.FindAsync(intent.ResetId, default))!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Finish_Prepared_IsABugAndWritesNothing()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));

        await Should.ThrowAsync<InvalidOperationException>(() => Resets.FinishAsync(Test.End(intent, ResetState.Prepared)).AsTask());
        (await Resets.FindAsync(intent.ResetId, default))!.Events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task List_OfAccount_IsNewestFirst()
    {
        var account = Test.NewAccount("app");
        var first = await Test.PrepareAsync(account);
        await Test.FinishAsync(first, ResetState.Done);
        var second = await Test.PrepareAsync(account);
        var other = await Test.PrepareAsync(Test.NewAccount("other"));

        (await Resets.ListAsync(Test.Instance.Id, account.Id, 10, default)).Select(reset => reset.Id).ShouldBe([second.ResetId, first.ResetId]);
        (await Resets.ListAsync(Test.Instance.Id, null, 2, default)).Select(reset => reset.Id).ShouldBe([other.ResetId, second.ResetId]);
        (await Resets.ListAsync(Guid.NewGuid(), account.Id, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Find_NodeWithEverything_ComesBackTheSame()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        var node = new NodeProgress(new Node("2001:db8::1", 6379, NodeRole.Peer), new ServerSession("9", "run"), NodeStep.Persisted, ProofMode.Readback, new Failure(EngineError.Busy, "later"), NotPersisted: true);

        await Resets.FinishAsync(Test.End(intent, ResetState.Undecided) with { Nodes = [intent.Nodes[0], node] });

        (await Resets.FindAsync(intent.ResetId, default))!.Nodes.ShouldBe([intent.Nodes[0], node]);
    }
}

public sealed class SqliteFinishTests() : FinishTests(StoreKind.Sqlite);

public sealed class PostgreSqlFinishTests() : FinishTests(StoreKind.PostgreSql);
