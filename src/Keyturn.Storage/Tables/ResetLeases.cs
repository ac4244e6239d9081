using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>Who may work on a reset: the holder of its newest fence, for as long as the lease runs.</summary>
internal static class ResetLeases
{
    /// <summary>
    /// The lock on the store shows that the process before is dead, and with it all its workers: what they held is due at once.
    /// </summary>
    public static async ValueTask ExpireAllAsync(StoreSession session)
    {
        var now = await session.NowAsync();
        await session.RunAsync(
            "UPDATE resets INDEXED BY resets_open SET lease_until = $now WHERE state IN ('Prepared', 'Undecided') AND lease_until > $now",
            ("$now", now));
    }

    /// <summary>
    /// What is open came from a backup: its workers are gone, and its password may be older than the server's. Recovery is due at once, and
    /// finds out what is in force; it does not send the change again, and nobody's repeat gets its outcome.
    /// </summary>
    public static async ValueTask LookOnlyAsync(StoreSession session, DateTimeOffset now)
    {
        foreach (var open in await session.QueryAsync("SELECT number FROM resets INDEXED BY resets_open WHERE state IN ('Prepared', 'Undecided')", row => row.GetInt64(0)))
        {
            await ResetParts.AddEventsAsync(session, open, [new ResetEvent(now, "restored", Node: null, "Restored from a backup: the change is not sent again.")]);
        }

        await session.RunAsync(
            "UPDATE resets SET settle_by = $now, lease_until = $now, next_attempt_at = $now WHERE state IN ('Prepared', 'Undecided') AND settle_by > $now",
            ("$now", now));
        await session.RunAsync("UPDATE resets SET lease_until = $now, next_attempt_at = $now WHERE state IN ('Prepared', 'Undecided')", ("$now", now));
        await session.RunAsync("UPDATE resets SET repeat_until = NULL WHERE repeat_until IS NOT NULL");
    }

    public static ValueTask<bool> CoversAsync(StoreSession session, Guid resetId, long fence, DateTimeOffset until) => session.AnyAsync(
        "SELECT 1 FROM resets WHERE id = $id AND fence = $fence AND state IN ('Prepared', 'Undecided') AND lease_until >= $until",
        ("$id", resetId), ("$fence", fence), ("$until", until));

    /// <summary>The open reset that this fence holds; null if it is older than another, or the reset has ended.</summary>
    public static async ValueTask<HeldReset?> FindHeldAsync(StoreSession session, Guid resetId, long fence)
    {
        await session.LockAccountOfAsync(resetId);
        return await session.FirstAsync(
            $"""
            SELECT r.number, r.account_id, r.version, r.keep_old_for, s.every_days
            FROM resets r
            LEFT JOIN schedules s ON s.account_id = r.account_id AND NOT r.discards_old AND r.operation <> '{PasswordSpread.Operation}'
            WHERE r.id = $id AND r.fence = $fence AND r.state IN ('Prepared', 'Undecided')
            """,
            row => new HeldReset(row.GetInt64(0), row.Id(1), row.GetInt32(2), row.OptionalSeconds(3), row.IsDBNull(4) ? null : row.GetInt32(4)),
            ("$id", resetId), ("$fence", fence));
    }

    /// <summary>
    /// Takes an open reset whose lease has expired, or a parked one that nothing has superseded. It is undecided from here on, with its
    /// secrets as they are.
    /// </summary>
    public static async ValueTask<TakenRow?> TakeAsync(StoreSession session, Guid resetId, TimeSpan lease)
    {
        if (!await session.TryLockAccountOfAsync(resetId))
        {
            return null;
        }

        var now = await session.NowAsync();
        var taken = await session.ExecuteAsync(
            """
            UPDATE resets SET state = 'Undecided', ended_at = NULL, fence = fence + 1, attempts = attempts + 1, lease_until = $until
            WHERE id = $id AND ((state IN ('Prepared', 'Undecided') AND lease_until <= $now) OR (state = 'Parked' AND superseded_at IS NULL))
            """,
            ("$id", resetId), ("$now", now), ("$until", now + lease));
        if (taken == 0)
        {
            return null;
        }

        var reset = (await ResetRows.FindAsync(session, resetId))!;
        var secrets = await SecretRows.NewestAsync(session, reset.Account.Id, limit: 0);
        var current = secrets.Find(secret => secret.State == SecretState.Current);
        return reset.Kind == ResetKind.DiscardOld
            ? new TakenRow(reset, current!, current, reset.Account.Old is { } old ? await SecretRows.FindAsync(session, reset.Account.Id, old.Version) : null)
            : new TakenRow(reset, secrets.Single(secret => secret.State == SecretState.Pending), current, reset.KeepOldFor is null ? null : current);
    }
}

/// <summary>An open reset, held by the fence that was asked for.</summary>
/// <param name="Number">Its number in the store.</param>
/// <param name="AccountId">Of which account.</param>
/// <param name="Version">The secret's version that it makes.</param>
/// <param name="KeepOldFor">How long the one before is to stay valid.</param>
/// <param name="EveryDays">How often the account is rotated by itself; null where it is not, or where the reset gives it no new password.</param>
internal sealed record HeldReset(long Number, Guid AccountId, int Version, TimeSpan? KeepOldFor, int? EveryDays);

/// <summary>A reset that was taken over, its secrets still sealed.</summary>
internal sealed record TakenRow(ResetRecord Reset, SealedSecret Pending, SealedSecret? Current, SealedSecret? Old)
{
    public async ValueTask<TakenReset> OpenAsync(KeyRing keys) => new(
        Reset,
        (await Pending.OpenAsync(keys, Reset.Account.Id)).Password,
        Current is null ? null : (await Current.OpenAsync(keys, Reset.Account.Id)).Password)
    {
        Old = Old is null ? null : (await Old.OpenAsync(keys, Reset.Account.Id)).Password,
    };
}
