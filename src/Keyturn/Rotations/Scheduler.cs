using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;

namespace Keyturn.Rotations;

/// <summary>An account's schedule as it is now, or why nothing was changed.</summary>
/// <param name="Schedule">The schedule; null when there is none.</param>
/// <param name="Refusal">Nothing was changed.</param>
public sealed record ScheduleOutcome(RotationSchedule? Schedule, Refusal? Refusal = null);

/// <summary>Gives accounts schedules, and takes them away. Neither rotates anything.</summary>
public sealed class Scheduler(IInstanceStore instances, IScheduleStore schedules)
{
    /// <summary>Ten years.</summary>
    public const int LongestDays = 3650;

    /// <summary>The account's schedule.</summary>
    public async ValueTask<ScheduleOutcome> FindAsync(Instance instance, AccountName name, CancellationToken cancel) =>
        await instances.FindAccountAsync(instance.Id, name, cancel) is { } account
            ? new ScheduleOutcome(await schedules.FindAsync(account.Id, cancel))
            : NotHeld(name);

    /// <summary>
    /// Rotates the account every so many days from now on. The first rotation is that long from now; the same interval again changes
    /// nothing.
    /// </summary>
    public async ValueTask<ScheduleOutcome> SetAsync(Caller caller, Instance instance, AccountName name, int everyDays, CancellationToken cancel)
    {
        if (everyDays is < 1 or > LongestDays)
        {
            var violation = new Violation("every-days", $"A schedule is every 1 to {LongestDays} days.");
            return Refused(new Refusal(RefusalReason.InvalidRequest, violation.Sentence) { Violations = [violation] });
        }

        if (ReservedAccounts.Find(instance.Engine, name) is { } reason)
        {
            return Refused(new Refusal(RefusalReason.Protected, reason));
        }

        if (await instances.FindAccountAsync(instance.Id, name, cancel) is not { } account)
        {
            return NotHeld(name);
        }

        var schedule = await schedules.SetAsync(account.Id, everyDays, Entry(caller, instance, name, $"every {everyDays} days"), cancel);
        return schedule is null ? NotHeld(name) : new ScheduleOutcome(schedule);
    }

    /// <summary>Rotates the account by hand only, as it was from the beginning.</summary>
    public async ValueTask<ScheduleOutcome> ClearAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel)
    {
        if (await instances.FindAccountAsync(instance.Id, name, cancel) is not { } account)
        {
            return NotHeld(name);
        }

        await schedules.ClearAsync(account.Id, Entry(caller, instance, name, "off"), cancel);
        return new ScheduleOutcome(Schedule: null);
    }

    private static AuditEntry Entry(Caller caller, Instance instance, AccountName name, string detail) =>
        new() { Caller = caller, Action = "account.schedule", Outcome = "done", InstanceId = instance.Id, Account = name.ToString(), Detail = detail };

    private static ScheduleOutcome NotHeld(AccountName name) =>
        Refused(new Refusal(RefusalReason.SecretMissing, $"Keyturn holds no password of {name}: adopt or reset the account first."));

    private static ScheduleOutcome Refused(Refusal refusal) => new(Schedule: null, refusal);
}
