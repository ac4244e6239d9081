using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Tests.Stores;

namespace Keyturn.Storage.Tests.Care;

/// <summary>What clears "unverified", and who looks.</summary>
public abstract class RestoredAccountTests(StoreKind kind) : StoreContract(kind)
{
    private IInstanceStore Instances => Test.Store.Instances;

    [Fact]
    public async Task SetDrift_LeavesItUnverified_SetVerifiedDoesNot()
    {
        var account = await UnverifiedAsync();

        await Instances.SetDriftAsync(account.Id, Test.Clock.Now, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default);
        (await FindAsync(account)).UnverifiedSince.ShouldNotBeNull();

        await Instances.SetVerifiedAsync(account.Id, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default);
        (await FindAsync(account)).ShouldBe(account);
        (await Instances.ListToProbeAsync(10, default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("adopt")]
    [InlineData("promote")]
    [InlineData("reset")]
    public async Task PasswordIsProvedAnew_IsVerified(string how)
    {
        var account = await UnverifiedAsync();

        await (how switch
        {
            "adopt" => Test.Store.Secrets.AdoptAsync(account, new Secret("present"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default).AsTask(),
            "promote" => Test.Store.Secrets.PromoteAsync(account.Id, 1, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default).AsTask(),
            _ => Test.FinishAsync(await Test.PrepareAsync(account), ResetState.Done),
        });

        (await FindAsync(account)).UnverifiedSince.ShouldBeNull();
    }

    [Fact]
    public async Task ResetFailed_StaysUnverified()
    {
        var account = await UnverifiedAsync();

        await Test.FinishAsync(await Test.PrepareAsync(account), ResetState.Failed);

        (await FindAsync(account)).UnverifiedSince.ShouldNotBeNull();
    }

    [Fact]
    public async Task Probe_IsBegunByOne_AndAgainOnlyWhenPutOff()
    {
        var account = await UnverifiedAsync();
        (await Instances.ListToProbeAsync(10, default)).Select(due => due.Id).ShouldBe([account.Id]);

        (await Instances.TryBeginProbeAsync(account.Id, default)).ShouldBeTrue();
        (await Instances.TryBeginProbeAsync(account.Id, default)).ShouldBeFalse();
        (await Instances.ListToProbeAsync(10, default)).ShouldBeEmpty();

        await Instances.ProbeLaterAsync(account.Id, TimeSpan.FromMinutes(1), default);
        (await Instances.ListToProbeAsync(10, default)).ShouldBeEmpty();
        Test.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Instances.ListToProbeAsync(10, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Probe_AccountWithAnOpenReset_WaitsForIt()
    {
        var account = await UnverifiedAsync();
        var intent = await Test.PrepareAsync(account);

        (await Instances.ListToProbeAsync(10, default)).ShouldBeEmpty();

        await Test.FinishAsync(intent, ResetState.Failed);
        (await Instances.ListToProbeAsync(10, default)).Count.ShouldBe(1);
    }

    private async Task<Account> UnverifiedAsync()
    {
        var account = await Test.AdoptedAccountAsync("app", "password");
        await Test.ExecuteAsync("UPDATE accounts SET unverified_since = $now, probe_after = $now WHERE id = $id", ("$now", Test.Clock.Now), ("$id", account.Id));
        (await Instances.CountUnverifiedAsync(Test.ProjectId, default)).Values.Sum().ShouldBe(1);
        return account;
    }

    private async Task<Account> FindAsync(Account account) => (await Instances.FindAccountAsync(account.Id, default))!;
}

public sealed class SqliteRestoredAccountTests() : RestoredAccountTests(StoreKind.Sqlite);

public sealed class PostgreSqlRestoredAccountTests() : RestoredAccountTests(StoreKind.PostgreSql);
