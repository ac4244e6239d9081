using System.Security.Cryptography;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Microsoft.Extensions.Logging;

namespace Keyturn.Rotations;

/// <summary>
/// Rotates what is due, by the same <see cref="Resetter"/> as everybody else. Any node may: a rotation is taken for a while, and prepared only
/// while its due time is still the stored one.
/// </summary>
public sealed partial class Rotator(IInstanceStore instances, IScheduleStore schedules, Resetter resetter, TimeProvider clock, ILogger<Rotator> logger)
{
    /// <summary>Operation of the resets that it makes, as stored and audited.</summary>
    public const string Operation = "schedule";

    /// <summary>How long a rotation is one worker's: longer than a reset's own lease and all that goes before it.</summary>
    public static readonly TimeSpan Lease = Resetter.Lease + TimeSpan.FromMinutes(2);

    /// <summary>Longest pause between two attempts.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromHours(6);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int AtOnce = 4;
    private const int MostInOnePass = 32;

    private readonly EvenClock _storesClock = new(clock);
    private bool _isBelieved = true;

    /// <summary>Rotates a few of those that are due; returns how many it tried.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancel)
    {
        var due = await schedules.ListDueAsync(MostInOnePass, cancel);
        if (!IsToBeBelieved(due.Now))
        {
            return 0;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel, TaskScheduler = TaskScheduler.Current };
        await Parallel.ForEachAsync(due.Schedules, options, async (schedule, stopping) =>
        {
            try
            {
                await RotateAsync(schedule, stopping);
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                // The lease runs out, and it is due again; the others go on.
                LogAttemptFailed(error, schedule.AccountId);
            }
        });
        return due.Schedules.Count;
    }

    private bool IsToBeBelieved(DateTimeOffset now)
    {
        var wasBelieved = _isBelieved;
        _isBelieved = _storesClock.Believes(now);
        if (wasBelieved && !_isBelieved)
        {
            LogClockJumped(now, EvenClock.Distrust);
        }

        return _isBelieved;
    }

    private async Task RotateAsync(RotationSchedule schedule, CancellationToken cancel)
    {
        if (await instances.FindAccountAsync(schedule.AccountId, cancel) is not { } account
            || await instances.FindAnyAsync(account.InstanceId, cancel) is not { } instance
            || !await schedules.TryTakeAsync(schedule, Lease, cancel))
        {
            return;
        }

        var request = new ResetRequest(Caller.Keyturn(instance.ProjectId), instance, account.Name, Operation) { DueAt = schedule.DueAt, Patience = Patience, HidesPassword = true };
        var outcome = await resetter.RunAsync(request, cancel);
        Telemetry.Rotations.Add(1, new("engine", instance.Engine), new("done", outcome.Reset?.State == ResetState.Done));
        if (Why(outcome) is { } failure)
        {
            var pause = Pause(schedule.FailedAttempts);
            await schedules.FailAsync(schedule, failure, outcome.Reset?.Id, pause, CancellationToken.None);
            LogNotRotated(account.Name, instance.Name, failure.Error, failure.Detail, pause);
        }
    }

    /// <summary>
    /// Why the account has no new password yet; null when it has, or somebody else is giving it one. Undecided counts too: if recovery comes
    /// to a good end, that moves the due time on and forgets the failure.
    /// </summary>
    private static Failure? Why(ResetOutcome outcome) => outcome switch
    {
        { Reset.State: ResetState.Done } or { Refusal.Reason: RefusalReason.Busy } => null,
        { Refusal: { } refusal } => new Failure(refusal.Error, refusal.Detail),
        { Reset: var reset } => reset!.Cause ?? new Failure(EngineError.ServerError, $"The reset is {reset.State.Word()}."),
    };

    /// <summary>1, 2, 4, … minutes up to <see cref="MaxPause"/>, each a fifth more or less: those that failed together do not come back together.</summary>
    private static TimeSpan Pause(int failedBefore)
    {
        var pause = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, Math.Min(failedBefore, 20)), MaxPause.TotalSeconds);
        return TimeSpan.FromSeconds(pause * (800 + RandomNumberGenerator.GetInt32(401)) / 1000);
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "{Account} on {Instance} is due and was not rotated ({Error}: {Detail}); the next attempt is in {Pause}")]
    private partial void LogNotRotated(AccountName account, string instance, EngineError error, string detail, TimeSpan pause);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "An attempt to rotate account {AccountId} failed")]
    private partial void LogAttemptFailed(Exception error, Guid accountId);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "The store's clock has jumped ahead, to {Now}: nothing is rotated by schedule for {Distrust}")]
    private partial void LogClockJumped(DateTimeOffset now, TimeSpan distrust);
}
