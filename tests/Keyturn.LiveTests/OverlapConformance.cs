using Keyturn.Engines;
using Keyturn.Engines.MySql;
using Keyturn.Engines.Redis;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests;

/// <summary>What every server must show that can let an old password in beside the new one.</summary>
[Feature(Feature.KeepOld)]
public abstract class OverlapConformance(IEngine engine) : EngineFixture(engine)
{
    private const string First = "First-1 canary";
    private const string Second = "Second-2 canary";
    private const string Third = "Third-3 canary";

    [Fact]
    public async Task Keep_NewPassword_BothAreLetInAndNoOther()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);

        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        (await LoginAsync(account, First)).ShouldBe(Login.Accepted);
        (await LoginAsync(account, Second)).ShouldBe(Login.Accepted);
        (await LoginAsync(account, Third)).ShouldBe(Login.WrongPassword);
        (await ReadBackAsync(admin, account, Second, First)).ShouldBe(ReadbackVerdict.Matches);
        (await ReadBackAsync(admin, account, Second, Third)).ShouldBe(ReadbackVerdict.Differs);
        (await admin.ReadBackAsync(account, new Secret(Second), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Mixed);
        (await admin.ReadBackAsync(account, new Secret(First), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Mixed);
    }

    [Fact]
    public async Task Keep_SentAgain_KeepsTheSameOldOne()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);

        for (var attempt = 0; attempt < 3; attempt++)
        {
            await InspectAsync(admin, account);
            (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();
        }

        (await LoginAsync(account, First)).ShouldBe(Login.Accepted);
        (await LoginAsync(account, Second)).ShouldBe(Login.Accepted);
        (await ReadBackAsync(admin, account, Second, First)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Keep_LandedAfterTheAccountWasRead_KeepsTheSameOldOne()
    {
        await using var earlier = await ConnectAsync();
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);
        await InspectAsync(admin, account);

        (await KeepAsync(earlier, account, Second, First)).ShouldBeApplied();
        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        (await ReadBackAsync(admin, account, Second, First)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Keep_WhileAnOlderOneIsValid_ShutsThatOut()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);
        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        (await KeepAsync(admin, account, Third, Second)).ShouldBeApplied();

        (await LoginAsync(account, First)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(account, Second)).ShouldBe(Login.Accepted);
        (await LoginAsync(account, Third)).ShouldBe(Login.Accepted);
        (await ReadBackAsync(admin, account, Third, Second)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Keep_NeitherIsInForce_IsRefusedAndChangesNothing()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);

        var change = await KeepAsync(admin, account, Third, Second);

        change.Change.ShouldBe(Engines.Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.WrongPassword);
        (await LoginAsync(account, First)).ShouldBe(Login.Accepted);
        (await admin.ReadBackAsync(account, new Secret(First), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Keep_OldOneWasTakenAwayMeanwhile_DoesNotBringItBack()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, Second);

        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        (await LoginAsync(account, First)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(account, Second)).ShouldBe(Login.Accepted);
        (await ReadBackAsync(admin, account, Second, First)).ShouldBe(ReadbackVerdict.Differs);
    }

    [Fact]
    public async Task SetPassword_WhileAnOldOneIsValid_ShutsBothOut()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);
        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        (await admin.SetPasswordAsync(Change(account, Third), Cancel)).ShouldBeApplied();

        (await LoginAsync(account, First)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(account, Second)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(account, Third)).ShouldBe(Login.Accepted);
        (await admin.ReadBackAsync(account, new Secret(Third), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Discard_OldOne_ShutsItOutAndMayBeSentAgain()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);
        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        (await DiscardAsync(admin, account, Second, First)).ShouldBeApplied();
        (await DiscardAsync(admin, account, Second, First)).ShouldBeApplied();

        (await LoginAsync(account, First)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(account, Second)).ShouldBe(Login.Accepted);
        (await admin.ReadBackAsync(account, new Secret(Second), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Discard_PresentOneIsNotInForce_IsRefusedAndChangesNothing()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);

        var change = await DiscardAsync(admin, account, Second, First);

        change.Change.ShouldBe(Engines.Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.WrongPassword);
        (await LoginAsync(account, First)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Discard_ThePresentOneIsOnlyTheOlderOfTwo_IsRefusedAndChangesNothing()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, First);
        (await KeepAsync(admin, account, Second, First)).ShouldBeApplied();

        // As Keyturn would after a restore of its store from before the change.
        (await DiscardAsync(admin, account, First, old: null)).Change.ShouldBe(Engines.Change.Refused);

        (await LoginAsync(account, First)).ShouldBe(Login.Accepted);
        (await LoginAsync(account, Second)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task KeepAndDiscard_MissingAccount_SaySo()
    {
        await using var admin = await ConnectAsync();
        var account = NameOf(UniqueUser());

        (await KeepAsync(admin, account, Second, First)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountMissing);
        (await DiscardAsync(admin, account, Second, First)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountMissing);
        (await ReadBackAsync(admin, account, Second, First)).ShouldBe(ReadbackVerdict.Missing);
        (await InspectAsync(admin, account)).Exists.ShouldBeFalse();
    }

    protected async Task<ChangeResult> KeepAsync(IAdminSession admin, AccountName account, string password, string old) =>
        await ((IKeepsOldPassword)admin).SetPasswordAsync(Change(account, password), new Secret(old), Cancel);

    protected async Task<ReadbackVerdict> ReadBackAsync(IAdminSession admin, AccountName account, string password, string old) =>
        (await ((IKeepsOldPassword)admin).ReadBackAsync(account, new Secret(password), new Secret(old), Cancel)).Verdict;

    private async Task<ChangeResult> DiscardAsync(IAdminSession admin, AccountName account, string password, string? old) =>
        await ((IKeepsOldPassword)admin).DiscardOldPasswordAsync(account, new Secret(password), old is null ? null : new Secret(old), Cancel);
}

public abstract class MySqlFamilyOverlap(MySqlFamilyEngine engine) : OverlapConformance(engine)
{
    protected override int LongestName => 32;

    protected override AccountName NameOf(string user) => new(user, "%");
}

[OnServer("mysql-9.7")]
public sealed class MySql97Overlap() : MySqlFamilyOverlap(new MySqlEngine(TimeProvider.System));

[OnServer("mariadb-10.11")]
public sealed class MariaDb1011Overlap() : MySqlFamilyOverlap(new MariaDbEngine(TimeProvider.System));

[OnServer("mariadb-11.8", Wide = true)]
public sealed class MariaDb118Overlap() : MySqlFamilyOverlap(new MariaDbEngine(TimeProvider.System));

public abstract class RedisFamilyOverlap(IEngine engine) : OverlapConformance(engine)
{
    protected override int LongestName => 1024;
}

[OnServer("redis-7")]
public sealed class Redis7Overlap() : RedisFamilyOverlap(RedisEngine.Redis(TimeProvider.System));

[OnServer("redis-8", Wide = true)]
public sealed class Redis8Overlap() : RedisFamilyOverlap(RedisEngine.Redis(TimeProvider.System));

[OnServer("valkey-8", Wide = true)]
public sealed class Valkey8Overlap() : RedisFamilyOverlap(RedisEngine.Valkey(TimeProvider.System));

[OnServer("valkey-9")]
public sealed class Valkey9Overlap() : RedisFamilyOverlap(RedisEngine.Valkey(TimeProvider.System));
