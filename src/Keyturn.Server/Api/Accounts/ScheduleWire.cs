using Keyturn.Engines;
using Keyturn.Rotations;

namespace Keyturn.Server.Api.Accounts;

/// <summary>How often Keyturn is to rotate an account by itself.</summary>
internal sealed record ScheduleBody(int? EveryDays);

/// <summary>When Keyturn rotates an account by itself. Without a schedule it never does.</summary>
internal sealed record ScheduleAnswer
{
    /// <summary>False: the account is rotated by hand only, and nothing else is said.</summary>
    public required bool Scheduled { get; init; }

    public int? EveryDays { get; init; }

    /// <summary>Counted from the last rotation, whoever asked for it, or from when the schedule was set.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Later than due: an attempt is under way, or one has failed.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Attempts that have failed since it is due.</summary>
    public int? FailedAttempts { get; init; }

    /// <summary>Why the last one failed.</summary>
    public ScheduleFailureWire? LastFailure { get; init; }

    public static ScheduleAnswer Of(RotationSchedule? schedule) => schedule is null ? new ScheduleAnswer { Scheduled = false } : new ScheduleAnswer
    {
        Scheduled = true,
        EveryDays = schedule.EveryDays,
        DueAt = schedule.DueAt,
        NextAttemptAt = schedule.NextAttemptAt,
        FailedAttempts = schedule.FailedAttempts,
        LastFailure = schedule.LastFailure is { } failure ? ScheduleFailureWire.Of(failure) : null,
    };
}

/// <summary>Why a rotation that was due did not come about.</summary>
/// <param name="At">When it was tried.</param>
/// <param name="Cause">Absent where no server had anything to do with it.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="NextStep">What to do about the cause.</param>
/// <param name="ResetId">The reset that it made; absent where it was refused before there was one.</param>
internal sealed record ScheduleFailureWire(DateTimeOffset At, EngineError? Cause, string Detail, string? NextStep, Guid? ResetId)
{
    public static ScheduleFailureWire Of(RotationFailure failure) => failure.Failure is { Error: not EngineError.None } cause
        ? new ScheduleFailureWire(failure.At, cause.Error, cause.Detail, cause.Error.NextStep(), failure.ResetId)
        : new ScheduleFailureWire(failure.At, Cause: null, failure.Failure.Detail, NextStep: null, failure.ResetId);
}
