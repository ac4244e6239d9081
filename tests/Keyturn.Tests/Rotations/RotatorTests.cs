using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Rotations;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Rotations;

/// <summary>An account is rotated when it is due: not before, not twice, and whoever dies.</summary>
public sealed class RotatorTests : IAsyncLifetime
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync();
        await _world.ResetAsync("First-of-all-1!");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task RunDue_NoSchedule_NeverRotates()
    {
        await PassAsync(Month * 24);

        _world.Server["app"].ShouldBe("First-of-all-1!");
    }

    [Fact]
    public async Task Set_DoesNotRotate_AndCountsFromNow()
    {
        await _world.ResetAsync();
        _world.Clock.Advance(Month);
        var before = _world.Server["app"];

        var schedule = await ScheduleAsync();

        (schedule.DueAt - _world.Clock.GetUtcNow()).ShouldBeInRange(Month - TimeSpan.FromMinutes(1), Month);
        schedule.NextAttemptAt.ShouldBe(schedule.DueAt);
        (await _world.Rotator.RunDueAsync(default)).ShouldBe(0);
        _world.Server["app"].ShouldBe(before);
    }

    [Fact]
    public async Task Set_SameIntervalAgain_KeepsTheDueTime_AnotherCountsAnew()
    {
        var first = await ScheduleAsync();
        _world.Clock.Advance(TimeSpan.FromDays(10));

        (await ScheduleAsync()).DueAt.ShouldBe(first.DueAt);
        (await ScheduleAsync(days: 31)).DueAt.ShouldBeGreaterThan(first.DueAt);
    }

    [Fact]
    public async Task RunDue_AlmostDueAndRestarted_RotatesNothingEarly()
    {
        await ScheduleAsync();

        await PassAsync(Month - TimeSpan.FromMinutes(1));
        await _world.RestartAsync();
        await _world.Rotator.RunDueAsync(default);
        _world.Server["app"].ShouldBe("First-of-all-1!");

        await PassAsync(TimeSpan.FromMinutes(1));
        _world.Server["app"].ShouldNotBe("First-of-all-1!");
    }

    [Fact]
    public async Task RunDue_Due_RotatesOnceProvedAndServed()
    {
        await ScheduleAsync();

        await PassAsync(Month);

        var reset = await _world.LastResetAsync();
        (reset.State, reset.Operation, reset.PrincipalId).ShouldBe((ResetState.Done, Rotator.Operation, Guid.Empty));
        (await _world.ServedAsync()).ShouldBe(_world.Server["app"]);
        _world.Server["app"].ShouldNotBe("First-of-all-1!");
        var next = await FindAsync();
        next!.DueAt.ShouldBeInRange(reset.PreparedAt + Month, _world.Clock.GetUtcNow() + Month, "counts from the rotation that was done");
        (await _world.Rotator.RunDueAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task RunDue_DownForFourPeriods_RotatesOnce()
    {
        await ScheduleAsync();

        _world.Clock.Advance(Month * 4);
        await _world.RestartAsync();
        var changes = _world.Server.Changes;
        for (var pass = 0; pass < 5; pass++)
        {
            await PassAsync(TimeSpan.FromMinutes(10));
        }

        _world.Server.Changes.ShouldBe(changes + 1);
    }

    [Fact]
    public async Task RunDue_SomebodyResetItByHand_CountsFromThat()
    {
        await ScheduleAsync();
        await PassAsync(TimeSpan.FromDays(29));
        await _world.ResetAsync("By-hand-a-day-before-1!");

        await PassAsync(TimeSpan.FromDays(29));

        _world.Server["app"].ShouldBe("By-hand-a-day-before-1!");
        await PassAsync(TimeSpan.FromDays(2));
        _world.Server["app"].ShouldNotBe("By-hand-a-day-before-1!");
    }

    [Theory]
    [InlineData(Hop.Connected)]
    [InlineData(Hop.Prepared)]
    [InlineData(Hop.Set)]
    [InlineData(Hop.Proved)]
    [InlineData(Hop.Finished)]
    public async Task RunDue_ProcessDiesAtAHop_OneRotationForOneDueTime(Hop hop)
    {
        var due = (await ScheduleAsync()).DueAt;
        _world.Clock.Advance(Month);
        var changes = _world.Server.Changes;

        await _world.DieAtAsync(hop, world => world.Rotator.RunDueAsync(default));
        await _world.Rotator.RunDueAsync(default);
        await _world.Reconciler.RunDueAsync(default);
        for (var pass = 0; pass < 4; pass++)
        {
            await PassAsync(Rotator.Lease);
            await _world.Reconciler.RunDueAsync(default);
        }

        (await FindAsync())!.DueAt.ShouldBeGreaterThan(due);
        (await _world.ServedAsync()).ShouldBe(_world.Server["app"]);
        (await _world.Store.ListAsync(_world.Instance.Id, null, 10, default)).Count(reset => reset.Operation == Rotator.Operation).ShouldBe(1);
        _world.Server.Changes.ShouldBeInRange(changes + 1, changes + 2, "recovery may send the same password again");
    }

    [Fact]
    public async Task RunDue_TwoNodesAtOnce_RotateOnce()
    {
        await ScheduleAsync();
        _world.Clock.Advance(Month);
        var (reached, goOn) = _world.HoldAt(Hop.Connected);
        var first = _world.Rotator.RunDueAsync(default);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));
        _world.StartAnotherNode();

        (await _world.Rotator.RunDueAsync(default)).ShouldBe(0, "the first one has taken it");
        goOn.SetResult();
        await first;

        (await _world.Store.ListAsync(_world.Instance.Id, null, 10, default)).Count(reset => reset.Operation == Rotator.Operation).ShouldBe(1);
    }

    [Fact]
    public async Task RunDue_WorkerSleepsThroughItsLease_IsTooLate()
    {
        await ScheduleAsync();
        _world.Clock.Advance(Month);
        var (reached, goOn) = _world.HoldAt(Hop.Connected);
        var sleeper = _world.Rotator.RunDueAsync(default);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));
        _world.StartAnotherNode();
        await PassAsync(Rotator.Lease);
        var rotated = _world.Server["app"];
        rotated.ShouldNotBe("First-of-all-1!");

        goOn.SetResult();
        await sleeper;

        _world.Server["app"].ShouldBe(rotated);
        (await FindAsync())!.LastFailure.ShouldBeNull();
    }

    [Fact]
    public async Task RunDue_TurnedOffWhileItIsTaken_IsNotRotated()
    {
        await ScheduleAsync();
        _world.Clock.Advance(Month);
        var (reached, goOn) = _world.HoldAt(Hop.Connected);
        var pass = _world.Rotator.RunDueAsync(default);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));

        await _world.Scheduler.ClearAsync(_world.Caller, _world.Instance, World.App, default);
        goOn.SetResult();
        await pass;

        _world.Server["app"].ShouldBe("First-of-all-1!");
        (await FindAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task RunDue_ServerIsDown_IsToldAndTriedAgainLessAndLessOften()
    {
        await ScheduleAsync();
        _world.Server.IsDown = true;

        await PassAsync(Month);
        var failed = (await FindAsync())!;
        failed.LastFailure!.Failure.Error.ShouldBe(EngineError.Unreachable);
        failed.FailedAttempts.ShouldBe(1);
        failed.NextAttemptAt.ShouldBeInRange(_world.Clock.GetUtcNow() + TimeSpan.FromSeconds(40), _world.Clock.GetUtcNow() + TimeSpan.FromSeconds(73));
        (await _world.Rotator.RunDueAsync(default)).ShouldBe(0, "not before its pause is over");

        var attempts = 0;
        for (var hour = 0; hour < 48; hour++)
        {
            _world.Clock.Advance(TimeSpan.FromHours(1));
            attempts += await _world.Rotator.RunDueAsync(default);
        }

        attempts.ShouldBeInRange(8, 20);
        (await FindAsync())!.FailedAttempts.ShouldBe(attempts + 1);

        _world.Server.IsDown = false;
        await PassAsync(Rotator.MaxPause * 1.2);
        (await FindAsync())!.ShouldSatisfyAllConditions(
            schedule => schedule.LastFailure.ShouldBeNull(),
            schedule => schedule.FailedAttempts.ShouldBe(0),
            schedule => schedule.DueAt.ShouldBeGreaterThan(_world.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task RunDue_ServerRefuses_NamesTheResetAndTheCause()
    {
        await ScheduleAsync();
        _world.Server.Fates.Enqueue(Fate.Refuse);

        await PassAsync(Month);

        var failure = (await FindAsync())!.LastFailure!;
        failure.Failure.Error.ShouldBe(EngineError.PasswordRefusedByServer);
        failure.ResetId.ShouldBe((await _world.LastResetAsync()).Id);
        _world.Server["app"].ShouldBe("First-of-all-1!");
    }

    [Fact]
    public async Task RunDue_EndIsLeftToRecovery_ItsGoodEndForgetsTheFailure()
    {
        await ScheduleAsync();
        _world.Server.Fates.Enqueue(Fate.ApplyAndLoseAnswer);
        _world.Server.OnChange = () =>
        {
            _world.Server.IsDown = true;
            return Task.CompletedTask;
        };
        await PassAsync(Month);
        (await FindAsync())!.LastFailure!.ResetId.ShouldBe((await _world.LastResetAsync()).Id);

        (_world.Server.IsDown, _world.Server.OnChange) = (false, () => Task.CompletedTask);
        _world.Clock.Advance(Reconciler.MaxPause);
        await _world.Reconciler.RunDueAsync(default);

        (await _world.LastResetAsync()).State.ShouldBe(ResetState.Done);
        var schedule = (await FindAsync())!;
        schedule.LastFailure.ShouldBeNull();
        schedule.DueAt.ShouldBeGreaterThan(_world.Clock.GetUtcNow());
    }

    [Fact]
    public async Task RunDue_ClockJumpsAheadAndIsSetRight_RotatesNothing()
    {
        await ScheduleAsync();
        await _world.Rotator.RunDueAsync(default);

        _world.Clock.Jump(Month * 2);
        (await _world.Rotator.RunDueAsync(default)).ShouldBe(0);
        _world.Clock.Advance(TimeSpan.FromMinutes(14));
        (await _world.Rotator.RunDueAsync(default)).ShouldBe(0);
        _world.Clock.Jump(-Month * 2);
        await PassAsync(TimeSpan.FromDays(1));

        _world.Server["app"].ShouldBe("First-of-all-1!");
    }

    [Fact]
    public async Task RunDue_ClockJumpedAheadAndStaysThere_IsBelievedAfterAWhile()
    {
        await ScheduleAsync();
        await _world.Rotator.RunDueAsync(default);
        _world.Clock.Jump(Month);
        await _world.Rotator.RunDueAsync(default);

        await PassAsync(TimeSpan.FromMinutes(15));

        _world.Server["app"].ShouldNotBe("First-of-all-1!");
    }

    [Fact]
    public async Task RunDue_AdminLogin_IsRotatedAndStillWorks()
    {
        await _world.Scheduler.SetAsync(_world.Caller, _world.Instance, _world.Instance.Admin, everyDays: 30, default);

        await PassAsync(Month);

        _world.Server["admin"].ShouldNotBe("admin-secret");
        (await _world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Scheduler.LongestDays + 1)]
    public async Task Set_NotANumberOfDays_IsRefused(int days) =>
        (await _world.Scheduler.SetAsync(_world.Caller, _world.Instance, World.App, days, default)).Refusal!.Reason.ShouldBe(RefusalReason.InvalidRequest);

    [Fact]
    public async Task Set_AccountThatIsNotHeldOrTheProvidersOwn_IsRefused()
    {
        (await SetAsync("nobody")).ShouldBe(RefusalReason.SecretMissing);
        (await SetAsync("rdsAdmin")).ShouldBe(RefusalReason.Protected);

        async Task<RefusalReason?> SetAsync(string user) =>
            (await _world.Scheduler.SetAsync(_world.Caller, _world.Instance, new AccountName(user), everyDays: 30, default)).Refusal?.Reason;
    }

    /// <summary>After a restore nothing is rotated for a day: the store may be one that was only restored to see whether it can be.</summary>
    [Fact]
    public async Task RunDue_RestoredFromABackup_WaitsForADay()
    {
        await ScheduleAsync();
        var backup = await _world.BackUpAsync();
        _world.Clock.Advance(Month * 2);
        await _world.RestoreAsync(backup);
        await _world.Restored.RunDueAsync(default);

        await PassAsync(TimeSpan.FromHours(23));
        _world.Server["app"].ShouldBe("First-of-all-1!");

        await PassAsync(TimeSpan.FromHours(2));
        _world.Server["app"].ShouldNotBe("First-of-all-1!");
    }

    private async Task<RotationSchedule> ScheduleAsync(int days = 30) =>
        (await _world.Scheduler.SetAsync(_world.Caller, _world.Instance, World.App, days, default)).Schedule!;

    private async Task<RotationSchedule?> FindAsync() => (await _world.Scheduler.FindAsync(_world.Instance, World.App, default)).Schedule;

    private async Task PassAsync(TimeSpan time)
    {
        _world.Clock.Advance(time);
        await _world.Rotator.RunDueAsync(default);
    }
}
