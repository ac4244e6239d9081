using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Storage.Tables;

/// <summary>Finish: what a worker writes when it is through with a reset, for now or for good.</summary>
internal sealed class ResetFinish(StoreSession session, ResetEnd end)
{
    /// <summary>False, and nothing is written, if the fence is old or the reset has ended.</summary>
    public async ValueTask<bool> RunAsync()
    {
        if (end.State == ResetState.Prepared)
        {
            throw new InvalidOperationException("A worker ends a reset or leaves it undecided: it does not put it back to prepared.");
        }

        if (await ResetLeases.FindHeldAsync(session, end.ResetId, end.Fence) is not { } held)
        {
            return false;
        }

        var now = await session.NowAsync();
        var old = await OldAsync(held, now);
        await EndResetAsync(held.Number, now, old);
        await MoveSecretsAsync(held, old);
        await ResetParts.ReplaceNodesAsync(session, held.Number, end.Nodes);
        await ResetParts.AddEventsAsync(session, held.Number, end.Events);
        await AuditRows.AppendAsync(session, end.Audit, now);
        return true;
    }

    /// <summary>The password before, which this reset has left valid; null where it is shut out.</summary>
    private async ValueTask<OldPassword?> OldAsync(HeldReset held, DateTimeOffset now) =>
        end is { State: ResetState.Done, OldIsKept: true } && held.KeepOldFor is { } time && (await SecretRows.SeenAsync(session, held.AccountId)).Current is { } before
            ? new OldPassword(before, now + time)
            : null;

    private ValueTask EndResetAsync(long number, DateTimeOffset now, OldPassword? old) => session.RunAsync(
        """
        UPDATE resets
        SET state = $state, ended_at = $endedAt, cause_error = $error, cause_detail = $detail, lease_until = $now, next_attempt_at = $nextAttempt,
            old_kept_until = $oldKeptUntil,
            repeat_until = CASE WHEN repeat_until IS NULL OR $repeatUntil > repeat_until THEN $repeatUntil ELSE repeat_until END
        WHERE number = $number
        """,
        ("$number", number),
        ("$state", end.State),
        ("$endedAt", end.State == ResetState.Undecided ? null : now),
        ("$error", end.Cause?.Error),
        ("$detail", end.Cause?.Detail),
        ("$now", now),
        ("$nextAttempt", now + end.RetryAfter),
        ("$oldKeptUntil", old?.Until),
        ("$repeatUntil", end.RepeatWithin > TimeSpan.Zero ? now + end.RepeatWithin : null));

    private async ValueTask MoveSecretsAsync(HeldReset held, OldPassword? old)
    {
        if (end.State == ResetState.Done)
        {
            await MakeCurrentAsync(held, old);
        }
        else if (end.State == ResetState.Failed)
        {
            await SecretRows.FailPendingAsync(session, held.AccountId);
        }

        // Undecided or parked: either password may be in force, and both are kept as they are.
    }

    private async ValueTask MakeCurrentAsync(HeldReset held, OldPassword? old)
    {
        await SecretRows.RetireCurrentAsync(session, held.AccountId);
        if (!await SecretRows.MakeCurrentAsync(session, held.AccountId, held.Version))
        {
            throw new StoreException(StoreFault.Corrupt, $"Version {held.Version} of account {held.AccountId} is gone from the store.");
        }

        await AccountRows.SetProvedAsync(session, held.AccountId, old);
        if (held.EveryDays is { } days)
        {
            await ScheduleRows.CountFromAsync(session, held.AccountId, days, await session.NowAsync());
        }
    }
}
