using Keyturn.Audit;
using Keyturn.Engines;

namespace Keyturn.Rotations;

/// <summary>Rotations that are due.</summary>
/// <param name="Now">By the store's clock, as they were read.</param>
/// <param name="Schedules">A few of each instance at most.</param>
public sealed record DueRotations(DateTimeOffset Now, IReadOnlyList<RotationSchedule> Schedules);

/// <summary>Schedules of accounts. Times are the store's clock; an end of a reset (<see cref="Resets.IResetStore.FinishAsync"/>) moves a due time on.</summary>
public interface IScheduleStore
{
    /// <summary>
    /// Gives the account a schedule that counts from now. One of the same interval stays as it is, with its due time. Null if there is no
    /// such account.
    /// </summary>
    ValueTask<RotationSchedule?> SetAsync(Guid accountId, int everyDays, AuditEntry audit, CancellationToken cancel);

    /// <summary>Takes the account's schedule away; false if it had none.</summary>
    ValueTask<bool> ClearAsync(Guid accountId, AuditEntry audit, CancellationToken cancel);

    /// <summary>The account's schedule; null when it has none.</summary>
    ValueTask<RotationSchedule?> FindAsync(Guid accountId, CancellationToken cancel);

    /// <summary>All schedules of an instance's accounts.</summary>
    ValueTask<IReadOnlyList<RotationSchedule>> ListAsync(Guid instanceId, CancellationToken cancel);

    /// <summary>How many of the project's accounts are due and could not be rotated when it was last tried, by instance; without those that have none.</summary>
    ValueTask<IReadOnlyDictionary<Guid, int>> CountFailingAsync(Guid projectId, CancellationToken cancel);

    /// <summary>
    /// What is due now and in nobody's hands: the longest due of each instance first, and few of each, so that one instance's many neither
    /// storm its server nor hold up the others. Accounts with an open reset, and unverified ones, are not among them.
    /// </summary>
    ValueTask<DueRotations> ListDueAsync(int limit, CancellationToken cancel);

    /// <summary>Makes a due rotation this worker's for so long; false if another has it, or it is no longer due.</summary>
    ValueTask<bool> TryTakeAsync(RotationSchedule due, TimeSpan lease, CancellationToken cancel);

    /// <summary>Writes down why an attempt failed, and when the next one is. Nothing if the account has been rotated, or scheduled anew, since.</summary>
    ValueTask FailAsync(RotationSchedule due, Failure failure, Guid? resetId, TimeSpan pause, CancellationToken cancel);
}
