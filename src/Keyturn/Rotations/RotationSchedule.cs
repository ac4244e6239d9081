using Keyturn.Engines;

namespace Keyturn.Rotations;

/// <summary>That an account is given a new password every so many days, by Keyturn itself. An account without one is rotated by hand only.</summary>
/// <param name="AccountId">Which account.</param>
/// <param name="EveryDays">From one rotation to the next.</param>
/// <param name="DueAt">
/// When the next one is due, by the store's clock. Whatever reset of the account is done moves it on, in the transaction that makes the new
/// password the current one: so there is one rotation for one due time, whoever dies in between.
/// </param>
public sealed record RotationSchedule(Guid AccountId, int EveryDays, DateTimeOffset DueAt)
{
    /// <summary>Nobody tries before: it is due then, a worker has it until then, or an attempt has failed.</summary>
    public required DateTimeOffset NextAttemptAt { get; init; }

    /// <summary>Attempts that have failed since it is due.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>Why the last of them failed; null when none has.</summary>
    public RotationFailure? LastFailure { get; init; }
}

/// <summary>Why an attempt of a rotation did not give the account a new password.</summary>
/// <param name="At">When.</param>
/// <param name="Failure">Why; its error is <see cref="EngineError.None"/> where no server had anything to do with it (the instance is frozen).</param>
/// <param name="ResetId">The reset that it made; null where it was refused before there was one.</param>
public sealed record RotationFailure(DateTimeOffset At, Failure Failure, Guid? ResetId);
