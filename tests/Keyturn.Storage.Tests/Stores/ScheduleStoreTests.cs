using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Rotations;

namespace Keyturn.Storage.Tests.Stores;

/// <summary>The due time is the store's: what is prepared, finished and taken goes by it.</summary>
public abstract class ScheduleStoreTests(StoreKind kind) : StoreContract(kind)
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly Failure Down = new(EngineError.Unreachable, "Nobody answers.");

    private IScheduleStore Schedules => Test.Store.Schedules;

    [Fact]
    public async Task Find_NeverScheduled_IsNull()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        (await Schedules.FindAsync(account.Id, default)).ShouldBeNull();
        (await Schedules.ListAsync(Test.Instance.Id, default)).ShouldBeEmpty();
        (await Schedules.ClearAsync(account.Id, Test.Audit("account.schedule"), default)).ShouldBeFalse();
        (await Schedules.SetAsync(Guid.NewGuid(), 30, Test.Audit("account.schedule"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Set_CountsFromNow_TheSameAgainChangesNothing()
    {
        var schedule = await ScheduledAsync("app");
        schedule.ShouldBe(new RotationSchedule(schedule.AccountId, 30, Test.Clock.Now + Month) { NextAttemptAt = Test.Clock.Now + Month });

        Test.Clock.Advance(TimeSpan.FromDays(1));
        (await SetAsync(schedule.AccountId, 30)).ShouldBe(schedule);
        (await SetAsync(schedule.AccountId, 7))!.DueAt.ShouldBe(Test.Clock.Now.AddDays(7));
        (await Schedules.ListAsync(Test.Instance.Id, default)).ShouldHaveSingleItem().EveryDays.ShouldBe(7);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 10, default)).Count(entry => entry.Entry.Action == "account.schedule").ShouldBe(2);
    }

    [Fact]
    public async Task ListDue_OnlyWhatIsDueAndInNobodysHands()
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month - TimeSpan.FromSeconds(1));
        (await DueAsync()).ShouldBeEmpty();

        Test.Clock.Advance(TimeSpan.FromSeconds(1));
        (await DueAsync()).ShouldBe([schedule]);
        (await Schedules.ListDueAsync(10, default)).Now.ShouldBe(Test.Clock.Now);

        (await Schedules.TryTakeAsync(schedule, TestStore.Lease, default)).ShouldBeTrue();
        (await Schedules.TryTakeAsync(schedule, TestStore.Lease, default)).ShouldBeFalse();
        (await DueAsync()).ShouldBeEmpty();

        Test.Clock.Advance(TestStore.Lease);
        (await DueAsync()).Single().DueAt.ShouldBe(schedule.DueAt);
    }

    [Fact]
    public async Task ListDue_OpenReset_WaitsForItsEnd()
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month);
        var intent = await Test.PrepareAsync(await AccountAsync(schedule));

        (await DueAsync()).ShouldBeEmpty();

        await Test.FinishAsync(intent, ResetState.Failed);
        (await DueAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ListDue_Unverified_WaitsUntilItIs()
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month);
        await Test.ExecuteAsync("UPDATE accounts SET unverified_since = $now WHERE id = $id", ("$now", Test.Clock.Now), ("$id", schedule.AccountId));
        (await DueAsync()).ShouldBeEmpty();

        await Test.Store.Instances.SetVerifiedAsync(schedule.AccountId, await Test.SeenAsync(schedule.AccountId), Test.Audit("account.verify"), default);
        (await DueAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ListDue_ManyOfOneInstance_HoldUpNoOther()
    {
        for (var i = 0; i < 5; i++)
        {
            await ScheduledAsync($"app{i}");
        }

        var other = Test.NewInstance("second");
        var admin = Test.NewAccount("admin") with { InstanceId = other.Id };
        await Test.Store.Instances.AddAsync(other, admin, new Secret("admin-password"), Test.Audit("instance.register"), default);
        Test.Clock.Advance(TimeSpan.FromSeconds(1));
        await SetAsync(admin.Id, 30);
        Test.Clock.Advance(Month);

        var due = await DueAsync();

        due.Count.ShouldBe(3, "two of an instance in one pass");
        due.Take(2).Select(schedule => schedule.AccountId).ShouldContain(admin.Id);
    }

    [Theory]
    [InlineData(ResetState.Done, true)]
    [InlineData(ResetState.Failed, false)]
    [InlineData(ResetState.Undecided, false)]
    [InlineData(ResetState.Parked, false)]
    public async Task Finish_OnlyDone_MovesTheDueTimeOn(ResetState end, bool isMoved)
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month);
        await Schedules.FailAsync(schedule, Down, resetId: null, TimeSpan.FromMinutes(1), default);
        Test.Clock.Advance(TimeSpan.FromHours(1));

        await Test.FinishAsync(await Test.PrepareAsync(await AccountAsync(schedule)), end);

        var found = (await Schedules.FindAsync(schedule.AccountId, default))!;
        found.DueAt.ShouldBe(isMoved ? Test.Clock.Now + Month : schedule.DueAt);
        found.FailedAttempts.ShouldBe(isMoved ? 0 : 1);
        (found.LastFailure is null).ShouldBe(isMoved);
    }

    [Theory]
    [InlineData(ResetKind.DiscardOld, "api.reset")]
    [InlineData(ResetKind.Reset, PasswordSpread.Operation)]
    public async Task Finish_NoNewPasswordIsMade_LeavesTheDueTime(ResetKind kind, string operation)
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(TimeSpan.FromDays(1));
        var intent = Test.Intent(await AccountAsync(schedule)) with { Kind = kind, Operation = operation, Seen = await Test.SeenAsync(schedule.AccountId) };

        await Test.FinishAsync(await Test.PrepareAsync(intent), ResetState.Done);

        (await Schedules.FindAsync(schedule.AccountId, default))!.DueAt.ShouldBe(schedule.DueAt);
    }

    [Fact]
    public async Task Prepare_ForADueTime_OnlyWhileItIsTheStoredOne()
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month);
        var account = await AccountAsync(schedule);
        var mine = Test.Intent(account) with { DueAt = schedule.DueAt };
        await Test.FinishAsync(await Test.PrepareAsync(account, "by hand"), ResetState.Done);

        (await Test.Store.Resets.PrepareAsync(mine)).Conflict.ShouldBe(PrepareConflict.NotDue);
        await Schedules.ClearAsync(account.Id, Test.Audit("account.schedule"), default);
        (await Test.Store.Resets.PrepareAsync(mine)).Conflict.ShouldBe(PrepareConflict.NotDue);
        (await Test.VersionsAsync(account.Id)).Count.ShouldBe(2, "nothing was stored");

        var next = (await SetAsync(account.Id, 1))!;
        await Test.PrepareAsync(Test.Intent(account) with { DueAt = next.DueAt });
    }

    [Fact]
    public async Task Prepare_AccountWasRemoved_DoesNotBringItBack()
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month);
        var account = await AccountAsync(schedule);
        await Test.Store.Instances.RemoveAccountAsync(account.Id, Test.Audit("account.drop"), default);

        (await Test.Store.Resets.PrepareAsync(Test.Intent(account) with { DueAt = schedule.DueAt })).Conflict.ShouldBe(PrepareConflict.NotDue);

        (await Schedules.FindAsync(account.Id, default)).ShouldBeNull();
        (await Test.Store.Instances.FindAccountAsync(account.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Fail_IsToldWithTheNextAttempt_AndNotOfAnotherDueTime()
    {
        var schedule = await ScheduledAsync("app");
        Test.Clock.Advance(Month);
        var resetId = Guid.NewGuid();

        await Schedules.FailAsync(schedule, Down, resetId, TimeSpan.FromMinutes(4), default);

        var failed = (await Schedules.FindAsync(schedule.AccountId, default))!;
        failed.ShouldBe(schedule with { NextAttemptAt = Test.Clock.Now.AddMinutes(4), FailedAttempts = 1, LastFailure = new RotationFailure(Test.Clock.Now, Down, resetId) });
        (await DueAsync()).ShouldBeEmpty();
        (await Schedules.CountFailingAsync(Test.ProjectId, default)).Values.Sum().ShouldBe(1);
        (await Schedules.CountFailingAsync(Guid.NewGuid(), default)).Values.Sum().ShouldBe(0);

        await Schedules.FailAsync(schedule with { DueAt = schedule.DueAt.AddDays(-30) }, Down, resetId, TimeSpan.FromDays(1), default);
        (await Schedules.FindAsync(schedule.AccountId, default)).ShouldBe(failed);
    }

    [Fact]
    public async Task Reopen_SchedulesAreThere()
    {
        var schedule = await ScheduledAsync("app");

        await Test.ReopenAsync();

        (await Test.Store.Schedules.FindAsync(schedule.AccountId, default)).ShouldBe(schedule);
    }

    private async Task<RotationSchedule> ScheduledAsync(string user) => (await SetAsync((await Test.AdoptedAccountAsync(user, "old")).Id, 30))!;

    private async Task<RotationSchedule?> SetAsync(Guid accountId, int days) => await Schedules.SetAsync(accountId, days, Test.Audit("account.schedule"), default);

    private async Task<IReadOnlyList<RotationSchedule>> DueAsync() => (await Schedules.ListDueAsync(10, default)).Schedules;

    private async Task<Account> AccountAsync(RotationSchedule schedule) => (await Test.Store.Instances.FindAccountAsync(schedule.AccountId, default))!;
}

public sealed class SqliteScheduleStoreTests() : ScheduleStoreTests(StoreKind.Sqlite);

public sealed class PostgreSqlScheduleStoreTests() : ScheduleStoreTests(StoreKind.PostgreSql);
