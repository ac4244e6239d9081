using System.Security.Cryptography;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Simulation.Store;

/// <summary>
/// What the store holds, and each transaction on it, with the rules of src/Keyturn.Storage; a test runs both side by side. Rows are
/// immutable, so that a copy for what is durable costs three lists.
/// </summary>
internal sealed class StoreTables
{
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);
    private const long FirstFence = 1;

    private readonly List<Account> _accounts;
    private readonly List<SecretRow> _secrets;
    private readonly List<ResetRow> _resets;
    private readonly Dictionary<Guid, DateTimeOffset> _discardAfter = [];

    public StoreTables(Instance instance) => (Instance, _accounts, _secrets, _resets) = (instance, [], [], []);

    private StoreTables(StoreTables other)
    {
        (Instance, Broken, Version) = (other.Instance, other.Broken, other.Version);
        (_accounts, _secrets, _resets) = ([.. other._accounts], [.. other._secrets], [.. other._resets]);
        _discardAfter = new(other._discardAfter);
    }

    public Instance Instance { get; }

    public Mutation Broken { get; init; }

    /// <summary>Raised by each write.</summary>
    public long Version { get; private set; }

    public IReadOnlyList<Account> Accounts => _accounts;

    public IReadOnlyList<SecretRow> Secrets => _secrets;

    public IReadOnlyList<ResetRow> Resets => _resets;

    public StoreTables Copy() => new(this);

    public Account? FindAccount(AccountName name) => _accounts.Find(account => account.Name == name);

    public Account? FindAccount(Guid id) => _accounts.Find(account => account.Id == id);

    public ResetRow? Find(Guid resetId) => _resets.Find(row => row.Record.Id == resetId);

    public ResetRow? FindUnsettled(Guid accountId) =>
        _resets.Find(row => row.Record.Account.Id == accountId && row.Record.IsOpen) ?? _resets.Find(row => row.Record.Account.Id == accountId && row.IsParked);

    public (int Open, int Parked) CountUnsettled(Guid accountId)
    {
        var (open, parked) = (0, 0);
        foreach (var row in _resets)
        {
            if (row.Record.Account.Id == accountId)
            {
                open += row.Record.IsOpen ? 1 : 0;
                parked += row.IsParked ? 1 : 0;
            }
        }

        return (open, parked);
    }

    public StoredSecret? Current(Guid accountId)
    {
        foreach (var row in _secrets)
        {
            if (row.AccountId == accountId && row.Secret.State == SecretState.Current)
            {
                return row.Secret;
            }
        }

        return null;
    }

    private VersionsSeen Seen(Guid accountId) => new(_secrets.Count(row => row.AccountId == accountId), Current(accountId)?.Version);

    public bool IsStill(Guid accountId, VersionsSeen seen) => Seen(accountId) == seen || Broken == Mutation.StaleLookIsWritten;

    public SecretVersions Read(Guid accountId)
    {
        var versions = _secrets.Where(row => row.AccountId == accountId).Select(row => row.Secret).Reverse().ToList();
        return new SecretVersions(versions, Broken == Mutation.ServeWhileOpen ? null : FindUnsettled(accountId)?.Record.Id);
    }

    public (Guid ResetId, bool SameRequest)? FindByKey(Guid principalId, string operation, Guid accountId, string key, ReadOnlySpan<byte> digest, DateTimeOffset now)
    {
        var found = KeyOwner(principalId, operation, accountId, key);
        return found is null || found.Record.PreparedAt <= now - KeyLifetime
            ? null
            : (found.Record.Id, CryptographicOperations.FixedTimeEquals(found.Digest, digest));
    }

    public Guid? FindRepeat(Guid principalId, string operation, Guid accountId, ReadOnlySpan<byte> digest, DateTimeOffset now)
    {
        for (var index = _resets.Count - 1; index >= 0; index--)
        {
            var (row, reset) = (_resets[index], _resets[index].Record);
            if (reset.Account.Id == accountId && (reset.IsOpen || row.RepeatUntil >= now)
                && reset.PrincipalId == principalId && reset.Operation == operation && row.Digest.AsSpan().SequenceEqual(digest))
            {
                return reset.Id;
            }
        }

        return null;
    }

    public PrepareResult Prepare(ResetIntent intent, DateTimeOffset now) => FindConflict(intent, now) ?? Write(intent, now);

    public bool Covers(Guid resetId, long fence, DateTimeOffset until) => FindHeld(resetId, fence) is { } held && held.LeaseUntil >= until;

    public bool RecordSessions(Guid resetId, long fence, IReadOnlyList<NodeProgress> nodes)
    {
        if (FindHeld(resetId, fence) is not { } held)
        {
            return false;
        }

        Replace(held, held with { Record = held.Record with { Nodes = [.. nodes] } });
        return true;
    }

    public bool Finish(ResetEnd end, DateTimeOffset now)
    {
        if (FindHeld(end.ResetId, end.Fence) is not { } held)
        {
            return false;
        }

        var account = held.Record.Account.Id;
        var old = end is { State: ResetState.Done, OldIsKept: true } && held.Record.KeepOldFor is { } time && Current(account) is { } before ? new OldPassword(before.Version, now + time) : null;
        var until = end.RepeatWithin > TimeSpan.Zero ? now + end.RepeatWithin : held.RepeatUntil;
        Replace(held, held with
        {
            Record = held.Record with { State = end.State, EndedAt = end.State == ResetState.Undecided ? null : now, Cause = end.Cause, Nodes = [.. end.Nodes], OldKeptUntil = old?.Until },
            LeaseUntil = now,
            NextAttemptAt = now + end.RetryAfter,
            RepeatUntil = until > held.RepeatUntil || held.RepeatUntil is null ? until : held.RepeatUntil,
        });
        if (end.State == ResetState.Done)
        {
            Move(account, SecretState.Current, SecretState.Previous);
            SetState(account, held.Record.Version, SecretState.Current);
            SetDrift(account, driftedAt: null);
            SetOld(account, old);
        }
        else if (end.State == ResetState.Failed)
        {
            Move(account, SecretState.Pending, SecretState.Failed);
        }

        return true;
    }

    public void MarkUndelivered(Guid resetId, DateTimeOffset until)
    {
        if (Find(resetId) is { } row)
        {
            Replace(row, row with { RepeatUntil = until });
        }
    }

    public TakenReset? TakeOver(Guid resetId, DateTimeOffset now, DateTimeOffset until)
    {
        if (Find(resetId) is not { } row || !(row.Record.IsOpen && row.LeaseUntil <= now || row.IsParked))
        {
            return null;
        }

        var fence = Broken == Mutation.FenceStays ? row.Record.Fence : row.Record.Fence + 1;
        var taken = row with
        {
            Record = row.Record with { Account = FindAccount(row.Record.Account.Id)!, State = ResetState.Undecided, EndedAt = null, Fence = fence, Attempts = row.Record.Attempts + 1 },
            LeaseUntil = until,
        };
        Replace(row, taken);
        var (isDiscard, current) = (taken.Record.Kind == ResetKind.DiscardOld, Only(taken, SecretState.Current));
        return new TakenReset(taken.Record, isDiscard ? current! : Only(taken, SecretState.Pending)!, current)
        {
            Old = !isDiscard ? (taken.Record.KeepOldFor is null ? null : current)
                : taken.Record.Account.Old is { } old ? _secrets.Find(secret => secret.AccountId == taken.Record.Account.Id && secret.Secret.Version == old.Version)!.Secret.Password
                : null,
        };
    }

    /// <summary>The process before is known to be dead, and with it all its workers.</summary>
    public void ExpireLeases(DateTimeOffset now)
    {
        foreach (var row in _resets.Where(row => row.Record.IsOpen && row.LeaseUntil > now).ToList())
        {
            Replace(row, row with { LeaseUntil = now });
        }
    }

    public IReadOnlyList<Guid> Due(int limit, DateTimeOffset now) =>
        [.. _resets.Where(row => row.Record.IsOpen && row.LeaseUntil <= now && row.NextAttemptAt <= now).Take(limit).Select(row => row.Record.Id)];

    /// <summary>Of which accounts the old password may be discarded now.</summary>
    public IReadOnlyList<Account> DueDiscards(int limit, DateTimeOffset now) =>
        [.. _accounts.Where(account => account.Old is not null && _discardAfter[account.Id] <= now && FindUnsettled(account.Id) is null or { Record: { State: ResetState.Parked, Kind: ResetKind.DiscardOld } }).Take(limit)];

    public bool TryBeginDiscard(Guid accountId, DateTimeOffset now, DateTimeOffset next)
    {
        if (FindAccount(accountId)?.Old is null || _discardAfter[accountId] > now)
        {
            return false;
        }

        _discardAfter[accountId] = next;
        Version++;
        return true;
    }

    public bool SetDrift(Guid accountId, DateTimeOffset? driftedAt)
    {
        var index = _accounts.FindIndex(account => account.Id == accountId);
        _accounts[index] = _accounts[index] with { DriftedAt = driftedAt };
        Version++;
        return true;
    }

    public bool Adopt(Account account, Secret password, VersionsSeen seen, DateTimeOffset now)
    {
        if (FindUnsettled(account.Id) is { Record.IsOpen: true } || !IsStill(account.Id, seen) || FindAccount(account.Name) is { } same && same.Id != account.Id)
        {
            return false;
        }

        StoreAccount(account);
        Settle(account.Id);
        Add(account.Id, password, SecretState.Current, resetId: null, now);
        return true;
    }

    private PrepareResult? FindConflict(ResetIntent intent, DateTimeOffset now)
    {
        if (intent.IdempotencyKey is { } key && KeyOwner(intent.PrincipalId, intent.Operation, intent.Account.Id, key) is { Record: var owner }
            && owner.PreparedAt > now - KeyLifetime)
        {
            return new PrepareResult(PrepareConflict.KeyTaken, owner.Id);
        }

        if (intent.Revision is { } revision && revision != Instance.Revision)
        {
            return new PrepareResult(PrepareConflict.InstanceChanged);
        }

        if (intent.Seen is { } seen && FindAccount(intent.Account.Id) is not null && !IsStill(intent.Account.Id, seen))
        {
            return new PrepareResult(PrepareConflict.VersionsChanged);
        }

        if (FindAccount(intent.Account.Id) is null)
        {
            return FindAccount(intent.Account.Name) is { } same
                ? new PrepareResult(PrepareConflict.ResetOpen, FindUnsettled(same.Id)?.Record.Id, $"{same.Name} was stored by another request meanwhile.")
                : null;
        }

        return Broken != Mutation.SecondWhileOpen && FindUnsettled(intent.Account.Id) is { Record: var open } row
            && !(row.IsParked && intent.Replaces is { } parked && parked.Id == open.Id && parked.Fence == open.Fence)
                ? new PrepareResult(PrepareConflict.ResetOpen, open.Id)
                : null;
    }

    private PrepareResult Write(ResetIntent intent, DateTimeOffset now)
    {
        StoreAccount(intent.Account);
        if (intent.IdempotencyKey is { } key && KeyOwner(intent.PrincipalId, intent.Operation, intent.Account.Id, key) is { } owner)
        {
            Replace(owner, owner with { Key = null });
        }

        SupersedeParked(intent.Account.Id);
        Move(intent.Account.Id, SecretState.Pending, SecretState.Failed);
        var version = intent.Kind == ResetKind.DiscardOld ? intent.Seen!.Current!.Value : Add(intent.Account.Id, intent.Password, SecretState.Pending, intent.ResetId, now);
        _resets.Add(new ResetRow(NewRecord(intent, version, now), intent.RequestDigest, intent.IdempotencyKey, now + intent.Lease, now));
        Version++;
        return new PrepareResult(PrepareConflict.None) { Fence = FirstFence, Version = version, PreparedAt = now };
    }

    private static ResetRecord NewRecord(ResetIntent intent, int version, DateTimeOffset now) => new()
    {
        Id = intent.ResetId,
        Account = intent.Account,
        Kind = intent.Kind,
        State = ResetState.Prepared,
        Version = version,
        AuthPlugin = intent.AuthPlugin,
        Roles = intent.Roles,
        KeepOldFor = intent.KeepOldFor,
        Proof = intent.Proof,
        PrincipalId = intent.PrincipalId,
        Operation = intent.Operation,
        PreparedAt = now,
        SettleBy = now + intent.SettleWithin,
        Fence = FirstFence,
        Nodes = [.. intent.Nodes],
        Events = [],
    };

    private ResetRow? KeyOwner(Guid principalId, string operation, Guid accountId, string key) => Broken == Mutation.KeyForgotten ? null : _resets.Find(
        row => row.Key == key && row.Record.PrincipalId == principalId && row.Record.Operation == operation && row.Record.Account.Id == accountId);

    private ResetRow? FindHeld(Guid resetId, long fence) =>
        Find(resetId) is { Record.IsOpen: true } row && (row.Record.Fence == fence || Broken == Mutation.FenceNotChecked) ? row : null;

    private void StoreAccount(Account account)
    {
        var index = _accounts.FindIndex(row => row.Id == account.Id);
        if (index < 0)
        {
            _accounts.Add(account);
        }
        else
        {
            _accounts[index] = _accounts[index] with { Proof = account.Proof };
        }

        Version++;
    }

    private void SetOld(Guid accountId, OldPassword? old)
    {
        var index = _accounts.FindIndex(account => account.Id == accountId);
        if (_accounts[index].Old != old)
        {
            _accounts[index] = _accounts[index] with { Old = old };
            _discardAfter[accountId] = old?.Until ?? default;
        }
    }

    /// <summary>Nothing is pending, current or drifted afterwards.</summary>
    private void Settle(Guid accountId)
    {
        SupersedeParked(accountId);
        Move(accountId, SecretState.Pending, SecretState.Failed);
        Move(accountId, SecretState.Current, SecretState.Previous);
        SetDrift(accountId, driftedAt: null);
    }

    private void SupersedeParked(Guid accountId)
    {
        if (_resets.Find(row => row.Record.Account.Id == accountId && row.IsParked) is { } parked)
        {
            Replace(parked, parked with { IsSuperseded = true });
        }
    }

    private int Add(Guid accountId, Secret password, SecretState state, Guid? resetId, DateTimeOffset now)
    {
        var version = _secrets.Count(row => row.AccountId == accountId) + 1;
        _secrets.Add(new SecretRow(accountId, new StoredSecret(version, state, password, now, resetId)));
        Version++;
        return version;
    }

    private void Move(Guid accountId, SecretState from, SecretState to)
    {
        foreach (var row in _secrets.Where(row => row.AccountId == accountId && row.Secret.State == from).ToList())
        {
            SetState(accountId, row.Secret.Version, to);
        }
    }

    private void SetState(Guid accountId, int version, SecretState state)
    {
        var index = _secrets.FindIndex(row => row.AccountId == accountId && row.Secret.Version == version);
        _secrets[index] = _secrets[index] with { Secret = _secrets[index].Secret with { State = state } };
        Version++;
    }

    private Secret? Only(ResetRow row, SecretState state) =>
        _secrets.Find(secret => secret.AccountId == row.Record.Account.Id && secret.Secret.State == state)?.Secret.Password;

    private void Replace(ResetRow old, ResetRow row)
    {
        _resets[_resets.FindIndex(other => other.Record.Id == old.Record.Id)] = row;
        Version++;
    }
}
