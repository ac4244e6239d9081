using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Resets;

/// <summary>Where a reset stands.</summary>
public enum ResetState
{
    /// <summary>Intent and new password are durable; a worker holds the lease.</summary>
    Prepared,

    /// <summary>It may be done or not; the reconciler will find out.</summary>
    Undecided,

    /// <summary>The new password is in force everywhere, and proved as the account's proof mode asks.</summary>
    Done,

    /// <summary>Nothing changed, and nothing will.</summary>
    Failed,

    /// <summary>It waits for a person: the reason says why. New and old password are both kept.</summary>
    Parked,
}

/// <summary>What a reset starts from.</summary>
public enum ResetKind
{
    /// <summary>The account exists.</summary>
    Reset,

    /// <summary>The account is made, with this as its first password.</summary>
    Create,

    /// <summary>The account keeps its password, and an older one that was left valid is shut out. No new version is made.</summary>
    DiscardOld,
}

/// <summary>How far one node has come. The order is that of the steps.</summary>
public enum NodeStep
{
    /// <summary>Nothing was sent.</summary>
    Prepared,

    /// <summary>The change was sent; no answer is known.</summary>
    Sent,

    /// <summary>The server applied it.</summary>
    Set,

    /// <summary>The server wrote it out, or keeps such things by itself.</summary>
    Persisted,

    /// <summary>Proved.</summary>
    Proved,
}

/// <summary>One node of a reset.</summary>
/// <param name="Node">The address.</param>
/// <param name="Session">The server's session that sends, or sent, the change.</param>
/// <param name="Step">How far it has come.</param>
/// <param name="Proof">How it was proved; null until then.</param>
/// <param name="Failure">What last went wrong there.</param>
/// <param name="NotPersisted">True where the server cannot keep the change over a restart.</param>
public sealed record NodeProgress(Node Node, ServerSession Session, NodeStep Step = NodeStep.Prepared, ProofMode? Proof = null, Failure? Failure = null, bool NotPersisted = false)
{
    /// <summary>The server's number of the session whose login proved the password, where it numbers them in the order of their opening.</summary>
    public string? ProvedBy { get; init; }
}

/// <summary>One line of a reset's story.</summary>
/// <param name="Time">When.</param>
/// <param name="Phase">Short word: <c>prepared</c>, <c>set</c>, <c>persisted</c>, <c>proved</c>, <c>took over</c>, …</param>
/// <param name="Node">Where, if it is about one node.</param>
/// <param name="Text">A sentence, without secrets.</param>
public sealed record ResetEvent(DateTimeOffset Time, string Phase, string? Node, string Text);

/// <summary>A reset as the store has it.</summary>
public sealed record ResetRecord
{
    /// <summary>Made by Keyturn, known to the caller in every answer.</summary>
    public required Guid Id { get; init; }

    /// <summary>Of which account.</summary>
    public required Account Account { get; init; }

    /// <summary>Reset or create.</summary>
    public required ResetKind Kind { get; init; }

    /// <summary>Where it stands.</summary>
    public required ResetState State { get; init; }

    /// <summary>The secret's version that it makes; of a discard the one that stays.</summary>
    public required int Version { get; init; }

    /// <summary>Authentication plugin asked for; null keeps the account's own.</summary>
    public string? AuthPlugin { get; init; }

    /// <summary>Roles asked for, for an account that is made.</summary>
    public IReadOnlyList<AccountRole> Roles { get; init; } = [];

    /// <summary>How long the password before is to stay valid beside the new one; null shuts it out.</summary>
    public TimeSpan? KeepOldFor { get; init; }

    /// <summary>When the password before is to be discarded; null unless the reset is done and has left it valid.</summary>
    public DateTimeOffset? OldKeptUntil { get; init; }

    /// <summary>How it is to be proved.</summary>
    public required ProofMode Proof { get; init; }

    /// <summary>Who asked.</summary>
    public required Guid PrincipalId { get; init; }

    /// <summary>Through which door, by name: <c>api.reset</c>, <c>digitalocean.reset_auth</c>, …</summary>
    public required string Operation { get; init; }

    /// <summary>When it was prepared, by the store's clock.</summary>
    public required DateTimeOffset PreparedAt { get; init; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Until when the reconciler rolls forward.</summary>
    public required DateTimeOffset SettleBy { get; init; }

    /// <summary>Number of the lease; each take-over raises it.</summary>
    public required long Fence { get; init; }

    /// <summary>Number of attempts by the reconciler.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it is not done.</summary>
    public Failure? Cause { get; init; }

    /// <summary>Its nodes.</summary>
    public required IReadOnlyList<NodeProgress> Nodes { get; init; }

    /// <summary>Its story so far.</summary>
    public required IReadOnlyList<ResetEvent> Events { get; init; }

    /// <summary>Whether it still stands between the account and another reset. A parked one does not.</summary>
    public bool IsOpen => State is ResetState.Prepared or ResetState.Undecided;
}
