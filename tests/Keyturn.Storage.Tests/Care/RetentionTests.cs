using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Care;
using Keyturn.Storage.Tests.Stores;

namespace Keyturn.Storage.Tests.Care;

public abstract class RetentionTests(StoreKind kind) : StoreContract(kind)
{
    private static readonly RetentionRules Rules = new(Versions: 2, Resets: TimeSpan.FromDays(90));

    [Fact]
    public async Task Run_OldVersions_KeepsTheCurrentAndTheNewest()
    {
        var account = await Test.AdoptedAccountAsync("app", "v1");
        for (var version = 2; version <= 6; version++)
        {
            await Test.FinishAsync(await Test.PrepareAsync(account, $"v{version}"), version == 5 ? ResetState.Failed : ResetState.Done);
        }

        (await RunAsync()).Versions.ShouldBe(3);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(6, SecretState.Current, "v6"), (5, SecretState.Failed, "v5"), (4, SecretState.Previous, "v4")]);
        (await RunAsync()).ShouldBe(new Pruned(0, 0));
    }

    [Fact]
    public async Task Run_CurrentIsOld_KeepsIt()
    {
        var account = await Test.AdoptedAccountAsync("app", "in force");
        for (var version = 2; version <= 6; version++)
        {
            await Test.FinishAsync(await Test.PrepareAsync(account, $"v{version}"), ResetState.Failed);
        }

        await RunAsync();

        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["v6", "v5", "in force"]);
    }

    [Theory]
    [InlineData(ResetState.Prepared)]
    [InlineData(ResetState.Undecided)]
    [InlineData(ResetState.Parked)]
    public async Task Run_AccountHasAnUnsettledReset_KeepsAllItsVersionsAndTheReset(ResetState state)
    {
        var account = await Test.AdoptedAccountAsync("app", "v1");
        for (var version = 2; version <= 6; version++)
        {
            await Test.FinishAsync(await Test.PrepareAsync(account, $"v{version}"), ResetState.Done);
        }

        var intent = await Test.PrepareAsync(account, "v7");
        if (state != ResetState.Prepared)
        {
            await Test.FinishAsync(intent, state);
        }

        Test.Clock.Advance(TimeSpan.FromDays(400));
        (await RunAsync()).Versions.ShouldBe(0);

        (await Test.VersionsAsync(account.Id)).Count.ShouldBe(7);
        (await Test.Store.Resets.FindUnsettledAsync(account.Id, default))!.Id.ShouldBe(intent.ResetId);
    }

    [Fact]
    public async Task Run_OldResets_AreGoneWithTheirStories_AndTheAuditLogIsNot()
    {
        var account = await Test.AdoptedAccountAsync("app", "v1");
        var (done, failed) = (await EndedAsync(account, ResetState.Done), await EndedAsync(account, ResetState.Failed));
        Test.Clock.Advance(TimeSpan.FromDays(80));
        var recent = await EndedAsync(account, ResetState.Done);
        Test.Clock.Advance(TimeSpan.FromDays(20));
        var entries = (await Test.Store.Audit.ListAsync(Test.ProjectId, 1000, default)).Count;

        (await RunAsync()).Resets.ShouldBe(2);

        (await Test.Store.Resets.FindAsync(done, default)).ShouldBeNull();
        (await Test.Store.Resets.FindAsync(failed, default)).ShouldBeNull();
        (await Test.Store.Resets.FindAsync(recent, default)).ShouldNotBeNull();
        (await Test.NumberAsync("SELECT count(*) FROM reset_nodes")).ShouldBe(1);
        (await Test.NumberAsync("SELECT count(DISTINCT reset) FROM reset_events")).ShouldBe(1);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1000, default)).Count.ShouldBe(entries);
    }

    [Fact]
    public async Task Run_ManyOldResetsBehindAnOpenOne_TakesAll()
    {
        var open = await Test.PrepareAsync(await Test.AdoptedAccountAsync("stuck", "v1"));
        var account = await Test.AdoptedAccountAsync("app", "v1");
        for (var i = 0; i < 120; i++)
        {
            await EndedAsync(account, ResetState.Done);
        }

        Test.Clock.Advance(TimeSpan.FromDays(100));

        (await RunAsync()).ShouldBe(new Pruned(118, 120));
        (await Test.Store.Resets.FindAsync(open.ResetId, default)).ShouldNotBeNull();
        (await StoreCheck.RunAsync(Test.Where, Test.MasterKeys, Test.Clock, default)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_WhileResetsGoOn_NeverTakesWhatTheyNeed()
    {
        var account = await Test.AdoptedAccountAsync("app", "v1");
        using var stop = new CancellationTokenSource();
        var pruning = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await RunAsync();
            }
        });
        for (var version = 2; version <= 40; version++)
        {
            await Test.FinishAsync(await Test.PrepareAsync(account, $"v{version}"), ResetState.Done);
            (await Test.Store.Secrets.ReadAsync(account.Id, 1, default)).Current!.Password.Reveal().ShouldBe($"v{version}");
        }

        await stop.CancelAsync();
        await pruning;
        await RunAsync();
        (await Test.VersionsAsync(account.Id)).Count.ShouldBe(3);
    }

    private async Task<Guid> EndedAsync(Account account, ResetState state)
    {
        var intent = await Test.PrepareAsync(account, "password");
        await Test.FinishAsync(intent, state);
        return intent.ResetId;
    }

    private Task<Pruned> RunAsync() => Test.Store.Retention.RunAsync(Rules, default);
}

public sealed class SqliteRetentionTests() : RetentionTests(StoreKind.Sqlite);

public sealed class PostgreSqlRetentionTests() : RetentionTests(StoreKind.PostgreSql);
