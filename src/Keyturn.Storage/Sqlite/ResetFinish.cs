using Keyturn.Resets;

namespace Keyturn.Storage.Sqlite;

/// <summary>Finish: what a worker writes when it is through with a reset, for now or for good.</summary>
internal sealed class ResetFinish(SqliteSession session, ResetEnd end, DateTimeOffset now)
{
    /// <summary>False, and nothing is written, if the fence is old or the reset has ended.</summary>
    public bool Run()
    {
        if (end.State == ResetState.Prepared)
        {
            throw new InvalidOperationException("A worker ends a reset or leaves it undecided: it does not put it back to prepared.");
        }

        if (ResetLeases.FindHeld(session, end.ResetId, end.Fence) is not { } held)
        {
            return false;
        }

        EndReset(held.Number);
        MoveSecrets(held);
        ResetParts.ReplaceNodes(session, held.Number, end.Nodes);
        ResetParts.AddEvents(session, held.Number, end.Events);
        AuditRows.Append(session, end.Audit, now);
        return true;
    }

    private void EndReset(long number) => session.Execute(
        """
        UPDATE resets
        SET state = $state, ended_at = $endedAt, cause_error = $error, cause_detail = $detail, lease_until = $now, next_attempt_at = $nextAttempt,
            repeat_until = coalesce(max(repeat_until, $repeatUntil), repeat_until, $repeatUntil)
        WHERE number = $number
        """,
        ("$number", number),
        ("$state", end.State),
        ("$endedAt", end.State == ResetState.Undecided ? null : now),
        ("$error", end.Cause?.Error),
        ("$detail", end.Cause?.Detail),
        ("$now", now),
        ("$nextAttempt", now + end.RetryAfter),
        ("$repeatUntil", end.RepeatWithin > TimeSpan.Zero ? now + end.RepeatWithin : null));

    private void MoveSecrets(HeldReset held)
    {
        if (end.State == ResetState.Done)
        {
            MakeCurrent(held);
        }
        else if (end.State == ResetState.Failed)
        {
            SecretRows.FailPending(session, held.AccountId);
        }

        // Undecided or parked: either password may be in force, and both are kept as they are.
    }

    private void MakeCurrent(HeldReset held)
    {
        SecretRows.RetireCurrent(session, held.AccountId);
        if (!SecretRows.MakeCurrent(session, held.AccountId, held.Version))
        {
            throw new StoreException(StoreFault.Corrupt, $"Version {held.Version} of account {held.AccountId} is gone from the store.");
        }

        AccountRows.SetDrift(session, held.AccountId, driftedAt: null);
    }
}
