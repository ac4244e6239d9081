using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Resets;

/// <summary>What prepare writes, all of it in one durable transaction.</summary>
public sealed record ResetIntent
{
    /// <summary>Made by the caller.</summary>
    public required Guid ResetId { get; init; }

    /// <summary>The account; stored with the intent where it is new.</summary>
    public required Account Account { get; init; }

    /// <summary>Reset, create, or discard the old password.</summary>
    public required ResetKind Kind { get; init; }

    /// <summary>The new password; becomes the pending version. Of a discard the current one, which stays as it is.</summary>
    public required Secret Password { get; init; }

    /// <summary>Authentication plugin asked for.</summary>
    public string? AuthPlugin { get; init; }

    /// <summary>Roles asked for, for an account that is made.</summary>
    public IReadOnlyList<Engines.AccountRole> Roles { get; init; } = [];

    /// <summary>How long the password before is to stay valid.</summary>
    public TimeSpan? KeepOldFor { get; init; }

    /// <summary>
    /// The account's versions as they must still be, where the password is a stored one already, or one that is stored stays valid beside it. Null:
    /// whatever they are.
    /// </summary>
    public VersionsSeen? Seen { get; init; }

    /// <summary>How it is to be proved.</summary>
    public required ProofMode Proof { get; init; }

    /// <summary>Written only while the account's schedule has this due time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Who asks.</summary>
    public required Guid PrincipalId { get; init; }

    /// <summary>Through which door.</summary>
    public required string Operation { get; init; }

    /// <summary>The caller's key; with principal, operation and account it names this reset for 24 hours.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Digest of the request, see <see cref="IResetStore.Digest"/>.</summary>
    public required byte[] RequestDigest { get; init; }

    /// <summary>Per node, the session that will send the change.</summary>
    public required IReadOnlyList<NodeProgress> Nodes { get; init; }

    /// <summary>How long the worker's lease runs, on the store's clock.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How long the reconciler rolls forward.</summary>
    public required TimeSpan SettleWithin { get; init; }

    /// <summary>The audit row of the intent.</summary>
    public required AuditEntry Audit { get; init; }

    /// <summary>A parked reset of the account that this one replaces, whose sessions were shown to be over.</summary>
    public ParkedReset? Replaces { get; init; }

    /// <summary>
    /// For instances of which each node has accounts of its own: the registration whose nodes are changed. A node that was added since would keep an
    /// older password. Null: whichever it is.
    /// </summary>
    public int? Revision { get; init; }
}

/// <summary>A parked reset as it was seen.</summary>
/// <param name="Id">Which.</param>
/// <param name="Fence">Its last lease: a later one has sent on sessions that were not seen.</param>
public sealed record ParkedReset(Guid Id, long Fence);

/// <summary>Why prepare wrote nothing, or is not known to have written.</summary>
public enum PrepareConflict
{
    /// <summary>It wrote everything.</summary>
    None,

    /// <summary>The account has an open reset (or a parked one that this does not name).</summary>
    ResetOpen,

    /// <summary>The idempotency key is taken.</summary>
    KeyTaken,

    /// <summary>The user is held as all rows where one row is asked for, or the other way round.</summary>
    Overlap,

    /// <summary>The instance is gone.</summary>
    InstanceGone,

    /// <summary>The registration is no longer the one of <see cref="ResetIntent.Revision"/>.</summary>
    InstanceChanged,

    /// <summary>The account's versions are no longer those of <see cref="ResetIntent.Seen"/>.</summary>
    VersionsChanged,

    /// <summary>The account's schedule is gone, or due at another time: somebody has rotated the account since.</summary>
    NotDue,

    /// <summary>The store could not write: disk full, read-only, data key gone.</summary>
    StoreFailed,

    /// <summary>
    /// The store did not say whether it was written: the answer to its commit never came, or said that the commit is not safe yet.
    /// Nothing is sent; if the intent is there, or comes to be, recovery carries it out.
    /// </summary>
    Unknown,
}

/// <summary>How prepare ended.</summary>
/// <param name="Conflict">Why nothing is sent.</param>
/// <param name="OtherReset">The reset that stands in the way.</param>
/// <param name="Detail">A sentence about it.</param>
public sealed record PrepareResult(PrepareConflict Conflict, Guid? OtherReset = null, string? Detail = null)
{
    /// <summary>Number of the lease.</summary>
    public long Fence { get; init; }

    /// <summary>The secret's new version.</summary>
    public int Version { get; init; }

    /// <summary>By the store's clock.</summary>
    public DateTimeOffset PreparedAt { get; init; }
}

/// <summary>What a worker writes when it is through with a reset, for now or for good.</summary>
public sealed record ResetEnd
{
    /// <summary>Which reset.</summary>
    public required Guid ResetId { get; init; }

    /// <summary>Under which lease; an older one writes nothing.</summary>
    public required long Fence { get; init; }

    /// <summary>Done, failed, parked; or undecided, which gives the lease back.</summary>
    public required ResetState State { get; init; }

    /// <summary>Why it is not done.</summary>
    public Engines.Failure? Cause { get; init; }

    /// <summary>Done, and the password before is valid beside, on a node at least: its time runs from now.</summary>
    public bool OldIsKept { get; init; }

    /// <summary>Progress per node.</summary>
    public required IReadOnlyList<NodeProgress> Nodes { get; init; }

    /// <summary>The story's new lines.</summary>
    public required IReadOnlyList<ResetEvent> Events { get; init; }

    /// <summary>For undecided: when the reconciler looks again, from now.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>
    /// The caller was told no end (it hung up, or recovery ended the reset): a repeat of the same request within this time gets this outcome.
    /// </summary>
    public TimeSpan RepeatWithin { get; init; }

    /// <summary>The audit row of the end.</summary>
    public required AuditEntry Audit { get; init; }
}

/// <summary>A reset that a worker has just taken over.</summary>
/// <param name="Reset">As it stands, with its new fence.</param>
/// <param name="Pending">The password it makes; of a discard the current one.</param>
/// <param name="Current">The password before it; null where there was none.</param>
public sealed record TakenReset(ResetRecord Reset, Secret Pending, Secret? Current)
{
    /// <summary>The password that is to stay valid beside it, or that is to be discarded; null where there is none.</summary>
    public Secret? Old { get; init; }
}

/// <summary>
/// Resets. <c>prepare</c> and everything that goes before a send is durable (fsync) before it returns; the end is visible before it
/// returns. Times are the store's clock.
/// </summary>
public interface IResetStore
{
    /// <summary>HMAC of a request's text under a key of the store: says whether two requests are the same without keeping either.</summary>
    byte[] Digest(string request);

    /// <summary>
    /// The reset that a request with this key made within the last 24 hours, and whether that request was the same; null if there was none.
    /// </summary>
    ValueTask<(Guid ResetId, bool SameRequest)?> FindByKeyAsync(Guid principalId, string operation, Guid accountId, string key, ReadOnlyMemory<byte> digest, CancellationToken cancel);

    /// <summary>
    /// The reset that a request without a key repeats: same principal, operation, account and digest, and either open, or ended with
    /// its answer not delivered no longer ago than its <see cref="ResetEnd.RepeatWithin"/>. Null if there is none.
    /// </summary>
    ValueTask<Guid?> FindRepeatAsync(Guid principalId, string operation, Guid accountId, ReadOnlyMemory<byte> digest, CancellationToken cancel);

    /// <summary>
    /// Hop 3. Intent, pending secret, lease, audit row, key and sessions in one durable transaction, or nothing
    /// (or <see cref="PrepareConflict.Unknown"/>, where the store cannot tell which). Not cancellable once begun: a commit whose end is unknown would be.
    /// </summary>
    ValueTask<PrepareResult> PrepareAsync(ResetIntent intent);

    /// <summary>Whether this lease is still the newest and has at least <paramref name="needed"/> left, directly before a send.</summary>
    ValueTask<bool> MaySendAsync(Guid resetId, long fence, TimeSpan needed);

    /// <summary>Replaces the sessions that will send the change, durably, before a take-over sends again. False if the fence is old.</summary>
    ValueTask<bool> RecordSessionsAsync(Guid resetId, long fence, IReadOnlyList<NodeProgress> nodes);

    /// <summary>
    /// Hop 6. Done: pending becomes current, current becomes previous, what is known of an old password is that this reset has kept it, or none, and the
    /// account's schedule counts anew. Failed: pending becomes failed. Undecided: the lease is given back.
    /// Parked: both are kept. False, and nothing is written, if the fence is old.
    /// </summary>
    ValueTask<bool> FinishAsync(ResetEnd end);

    /// <summary>The answer of an ended reset did not reach its caller: a repeat within this time gets the same outcome.</summary>
    ValueTask MarkUndeliveredAsync(Guid resetId, TimeSpan repeatWithin);

    /// <summary>A new lease on an open reset whose lease has expired, or on a parked one; null if another worker holds it or it has ended.</summary>
    ValueTask<TakenReset?> TakeOverAsync(Guid resetId, TimeSpan lease, CancellationToken cancel);

    /// <summary>
    /// Open resets whose lease has expired and whose next attempt is due, oldest first: the first of each instance, then the second of each, and a
    /// few of each at most, so that a server that is away does not hold up the others.
    /// </summary>
    ValueTask<IReadOnlyList<Guid>> DueAsync(int limit, CancellationToken cancel);

    /// <summary>How many resets of a project are open, or parked and not replaced, by instance; without those that have none.</summary>
    ValueTask<IReadOnlyDictionary<Guid, int>> CountUnsettledAsync(Guid projectId, CancellationToken cancel);

    /// <summary>The project's instances that have an open reset.</summary>
    ValueTask<IReadOnlyList<Guid>> ListBusyInstancesAsync(Guid projectId, CancellationToken cancel);

    /// <summary>The reset, whoever's it is.</summary>
    ValueTask<ResetRecord?> FindAsync(Guid resetId, CancellationToken cancel);

    /// <summary>The account's reset that is open, or parked and not replaced; null when there is none.</summary>
    ValueTask<ResetRecord?> FindUnsettledAsync(Guid accountId, CancellationToken cancel);

    /// <summary>Resets of an instance, or of one account of it, newest first.</summary>
    ValueTask<IReadOnlyList<ResetRecord>> ListAsync(Guid instanceId, Guid? accountId, int limit, CancellationToken cancel);
}
