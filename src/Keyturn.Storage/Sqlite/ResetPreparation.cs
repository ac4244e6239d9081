using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Sqlite;

/// <summary>Prepare: everything that a reset needs to be told and finished after a crash, or nothing.</summary>
internal sealed class ResetPreparation(SqliteSession session, KeyRing keys, ResetIntent intent, DateTimeOffset now)
{
    private const long FirstFence = 1;

    /// <summary>How long an idempotency key names its reset.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    private Guid AccountId => intent.Account.Id;

    public PrepareResult Run() =>
        FindConflict() ?? new PrepareResult(PrepareConflict.None) { Fence = FirstFence, Version = Write(), PreparedAt = now };

    /// <summary>Only looks: a conflict leaves the store as it was.</summary>
    private PrepareResult? FindConflict()
    {
        if (intent.IdempotencyKey is { } key && FindByKey(key) is { IsExpired: false, ResetId: var keyOwner })
        {
            return new PrepareResult(PrepareConflict.KeyTaken, keyOwner);
        }

        if (AccountRows.Find(session, AccountId) is null)
        {
            return FindConflictOfNewAccount();
        }

        return ResetRows.FindUnsettledId(session, AccountId) is { } unsettled && !MayReplace(unsettled)
            ? new PrepareResult(PrepareConflict.ResetOpen, unsettled)
            : null;
    }

    private KeyOwner? FindByKey(string key) => session.First(
        """
        SELECT id, prepared_at FROM resets
        WHERE principal_id = $principal AND operation = $operation AND account_id = $account AND idempotency_key = $key
        """,
        row => new KeyOwner(row.Id(0), row.Time(1) <= now - KeyLifetime),
        ("$principal", intent.PrincipalId), ("$operation", intent.Operation), ("$account", AccountId), ("$key", key));

    private PrepareResult? FindConflictOfNewAccount()
    {
        var (instanceId, name) = (intent.Account.InstanceId, intent.Account.Name);
        if (!session.Any("SELECT 1 FROM instances WHERE id = $id", ("$id", instanceId)))
        {
            return new PrepareResult(PrepareConflict.InstanceGone);
        }

        if (AccountRows.FindOverlap(session, instanceId, name) is { } other)
        {
            return new PrepareResult(PrepareConflict.Overlap, Detail: $"{name} overlaps with {other.Name}, whose password Keyturn holds.");
        }

        // Another caller has stored the account under an id of its own since this one looked.
        return AccountRows.Find(session, instanceId, name) is { } same
            ? new PrepareResult(PrepareConflict.ResetOpen, ResetRows.FindUnsettledId(session, same.Id), $"{name} was stored by another request meanwhile.")
            : null;
    }

    /// <summary>Only the parked reset that the intent names, with nobody at work on it since: resets that are open are never replaced.</summary>
    private bool MayReplace(Guid unsettled) =>
        intent.Replaces is { } parked && parked.Id == unsettled && ResetRows.IsParkedUnder(session, parked.Id, parked.Fence);

    private int Write()
    {
        StoreAccount();
        ReleaseExpiredKey();
        ResetRows.SupersedeParked(session, AccountId, now, $"Replaced by reset {intent.ResetId}.");
        SecretRows.FailPending(session, AccountId);
        var version = SecretRows.Add(session, keys, AccountId, intent.Password, SecretState.Pending, intent.ResetId, now);
        var number = InsertReset(version);
        ResetParts.AddNodes(session, number, intent.Nodes);
        ResetParts.AddEvents(session, number, [new ResetEvent(now, "prepared", Node: null, $"The new password is stored as version {version}; nothing is sent yet.")]);
        AuditRows.Append(session, intent.Audit, now);
        return version;
    }

    private void StoreAccount()
    {
        if (AccountRows.Find(session, AccountId) is null)
        {
            AccountRows.Insert(session, intent.Account);
        }
        else
        {
            AccountRows.SetProof(session, AccountId, intent.Account.Proof);
        }
    }

    /// <summary>The key is free again, and unique: the reset that had it lets go of it.</summary>
    private void ReleaseExpiredKey()
    {
        if (intent.IdempotencyKey is { } key && FindByKey(key) is { } owner)
        {
            session.Execute("UPDATE resets SET idempotency_key = NULL WHERE id = $id", ("$id", owner.ResetId));
        }
    }

    private long InsertReset(int version)
    {
        session.Execute(
            """
            INSERT INTO resets (id, instance_id, account_id, kind, state, version, auth_plugin, proof, principal_id, operation, idempotency_key,
                                request_digest, prepared_at, settle_by, fence, lease_until, next_attempt_at, roles)
            VALUES ($id, $instance, $account, $kind, $state, $version, $plugin, $proof, $principal, $operation, $key,
                    $digest, $now, $settleBy, $fence, $leaseUntil, $now, $roles)
            """,
            ("$id", intent.ResetId),
            ("$instance", intent.Account.InstanceId),
            ("$account", AccountId),
            ("$kind", intent.Kind),
            ("$state", ResetState.Prepared),
            ("$version", version),
            ("$plugin", intent.AuthPlugin),
            ("$proof", intent.Proof),
            ("$principal", intent.PrincipalId),
            ("$operation", intent.Operation),
            ("$key", intent.IdempotencyKey),
            ("$digest", intent.RequestDigest),
            ("$now", now),
            ("$settleBy", now + intent.SettleWithin),
            ("$fence", FirstFence),
            ("$leaseUntil", now + intent.Lease),
            ("$roles", RolesColumn.Text(intent.Roles)));
        return session.FirstNumber("SELECT last_insert_rowid()")!.Value;
    }

    private sealed record KeyOwner(Guid ResetId, bool IsExpired);
}
