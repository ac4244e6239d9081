using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>Prepare: everything that a reset needs to be told and finished after a crash, or nothing.</summary>
internal sealed class ResetPreparation(StoreSession session, KeyRing keys, ResetIntent intent)
{
    private const long FirstFence = 1;

    /// <summary>How long an idempotency key names its reset.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    private DateTimeOffset _now;

    private Guid AccountId => intent.Account.Id;

    public async ValueTask<PrepareResult> RunAsync()
    {
        _now = await session.NowAsync();
        var isNew = await LockAsync();
        return await FindConflictAsync(isNew)
            ?? new PrepareResult(PrepareConflict.None) { Fence = FirstFence, Version = await WriteAsync(isNew), PreparedAt = _now };
    }

    /// <summary>Whether the account is new: then nobody else adds one to its instance meanwhile.</summary>
    private async ValueTask<bool> LockAsync()
    {
        await session.LockAccountAsync(AccountId);
        if (await AccountRows.FindAsync(session, AccountId) is not null)
        {
            return false;
        }

        await session.LockInstanceAsync(intent.Account.InstanceId);
        await session.LockAccountAsync(AccountId);
        return await AccountRows.FindAsync(session, AccountId) is null;
    }

    /// <summary>Only looks: a conflict leaves the store as it was.</summary>
    private async ValueTask<PrepareResult?> FindConflictAsync(bool isNew)
    {
        if (intent.IdempotencyKey is { } key && await FindByKeyAsync(key) is { IsExpired: false, ResetId: var keyOwner })
        {
            return new PrepareResult(PrepareConflict.KeyTaken, keyOwner);
        }

        // The account's lock keeps the registration from being changed until the end of this transaction.
        if (intent.Revision is { } revision && !await InstanceRows.IsAtAsync(session, intent.Account.InstanceId, revision))
        {
            return new PrepareResult(PrepareConflict.InstanceChanged);
        }

        if (intent.DueAt is { } due && !await ScheduleRows.IsDueAtAsync(session, AccountId, due))
        {
            return new PrepareResult(PrepareConflict.NotDue);
        }

        if (isNew)
        {
            return await FindConflictOfNewAccountAsync();
        }

        if (intent.Seen is { } seen && await SecretRows.SeenAsync(session, AccountId) != seen)
        {
            return new PrepareResult(PrepareConflict.VersionsChanged);
        }

        return await ResetRows.FindUnsettledIdAsync(session, AccountId) is { } unsettled && !await MayReplaceAsync(unsettled)
            ? new PrepareResult(PrepareConflict.ResetOpen, unsettled)
            : null;
    }

    private ValueTask<KeyOwner?> FindByKeyAsync(string key) => session.FirstAsync(
        """
        SELECT id, prepared_at FROM resets
        WHERE principal_id = $principal AND operation = $operation AND account_id = $account AND idempotency_key IN ($digest, $key)
        """,
        row => new KeyOwner(row.Id(0), row.Time(1) <= _now - KeyLifetime),
        ("$principal", intent.PrincipalId), ("$operation", intent.Operation), ("$account", AccountId), ("$digest", keys.DigestOfKey(key)), ("$key", key));

    private async ValueTask<PrepareResult?> FindConflictOfNewAccountAsync()
    {
        var (instanceId, name) = (intent.Account.InstanceId, intent.Account.Name);
        if (!await session.AnyAsync("SELECT 1 FROM instances WHERE id = $id", ("$id", instanceId)))
        {
            return new PrepareResult(PrepareConflict.InstanceGone);
        }

        if (await AccountRows.FindOverlapAsync(session, instanceId, name) is { } other)
        {
            return new PrepareResult(PrepareConflict.Overlap, Detail: $"{name} overlaps with {other.Name}, whose password Keyturn holds.");
        }

        // Another caller has stored the account under an id of its own since this one looked.
        return await AccountRows.FindAsync(session, instanceId, name) is { } same
            ? new PrepareResult(PrepareConflict.ResetOpen, await ResetRows.FindUnsettledIdAsync(session, same.Id), $"{name} was stored by another request meanwhile.")
            : null;
    }

    /// <summary>Only the parked reset that the intent names, with nobody at work on it since: resets that are open are never replaced.</summary>
    private async ValueTask<bool> MayReplaceAsync(Guid unsettled) =>
        intent.Replaces is { } parked && parked.Id == unsettled && await ResetRows.IsParkedUnderAsync(session, parked.Id, parked.Fence);

    private async ValueTask<int> WriteAsync(bool isNew)
    {
        await StoreAccountAsync(isNew);
        await ReleaseExpiredKeyAsync();
        await ResetRows.SupersedeParkedAsync(session, AccountId, _now, $"Replaced by reset {intent.ResetId}.");
        await SecretRows.FailPendingAsync(session, AccountId);
        var version = intent.Kind == ResetKind.DiscardOld
            ? intent.Seen!.Current!.Value
            : await SecretRows.AddAsync(session, keys, AccountId, intent.Password, SecretState.Pending, intent.ResetId, _now);
        var number = await InsertResetAsync(version);
        await ResetParts.AddNodesAsync(session, number, intent.Nodes);
        await ResetParts.AddEventsAsync(session, number, [new ResetEvent(_now, "prepared", Node: null, Sentence(version))]);
        await AuditRows.AppendAsync(session, intent.Audit, _now);
        return version;
    }

    private string Sentence(int version) => intent.Kind == ResetKind.DiscardOld
        ? $"Version {version} stays the password, older ones are discarded; nothing is sent yet."
        : $"The new password is stored as version {version}; nothing is sent yet.";

    private ValueTask StoreAccountAsync(bool isNew) => isNew
        ? AccountRows.InsertAsync(session, intent.Account)
        : AccountRows.SetProofAsync(session, AccountId, intent.Account.Proof);

    /// <summary>The key is free again, and unique: the reset that had it lets go of it.</summary>
    private async ValueTask ReleaseExpiredKeyAsync()
    {
        if (intent.IdempotencyKey is { } key && await FindByKeyAsync(key) is { } owner)
        {
            await session.RunAsync("UPDATE resets SET idempotency_key = NULL WHERE id = $id", ("$id", owner.ResetId));
        }
    }

    private async ValueTask<long> InsertResetAsync(int version) => (await session.FirstNumberAsync(
        """
        INSERT INTO resets (id, instance_id, account_id, kind, state, version, auth_plugin, proof, principal_id, operation, idempotency_key,
                            request_digest, prepared_at, settle_by, fence, lease_until, next_attempt_at, roles, keep_old_for, discards_old)
        VALUES ($id, $instance, $account, $kind, $state, $version, $plugin, $proof, $principal, $operation, $key,
                $digest, $now, $settleBy, $fence, $leaseUntil, $now, $roles, $keepOldFor, $discardsOld)
        RETURNING number
        """,
        ("$id", intent.ResetId),
        ("$instance", intent.Account.InstanceId),
        ("$account", AccountId),
        ("$kind", intent.Kind == ResetKind.DiscardOld ? ResetKind.Reset : intent.Kind),
        ("$state", ResetState.Prepared),
        ("$version", version),
        ("$plugin", intent.AuthPlugin),
        ("$proof", intent.Proof),
        ("$principal", intent.PrincipalId),
        ("$operation", intent.Operation),
        ("$key", intent.IdempotencyKey is { } key ? keys.DigestOfKey(key) : null),
        ("$digest", intent.RequestDigest),
        ("$now", _now),
        ("$settleBy", _now + intent.SettleWithin),
        ("$fence", FirstFence),
        ("$leaseUntil", _now + intent.Lease),
        ("$roles", RolesColumn.Text(intent.Roles)),
        ("$keepOldFor", (long?)intent.KeepOldFor?.TotalSeconds),
        ("$discardsOld", intent.Kind == ResetKind.DiscardOld)))!.Value;

    private sealed record KeyOwner(Guid ResetId, bool IsExpired);
}
