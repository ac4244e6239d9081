using Keyturn.Access;

namespace Keyturn.Audit;

/// <summary>Who did what, to which account, and what came of it. Never holds a secret.</summary>
public sealed record AuditEntry
{
    /// <summary>Who.</summary>
    public required Caller Caller { get; init; }

    /// <summary>What: <c>account.reset</c>, <c>account.check</c>, <c>account.reveal</c>, <c>instance.register</c>, …</summary>
    public required string Action { get; init; }

    /// <summary>What came of it: <c>prepared</c>, <c>done</c>, <c>failed</c>, <c>refused</c>, <c>undecided</c>, <c>parked</c>, <c>accepted</c>, …</summary>
    public required string Outcome { get; init; }

    /// <summary>On which instance.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>On which account, by its name on the server.</summary>
    public string? Account { get; init; }

    /// <summary>Of which reset.</summary>
    public Guid? ResetId { get; init; }

    /// <summary>Proof mode, cause, and what else a reader needs.</summary>
    public string? Detail { get; init; }
}

/// <summary>The log of entries, append-only.</summary>
public interface IAuditLog
{
    /// <summary>Appends outside of any other transaction; visible before it returns.</summary>
    ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel);

    /// <summary>The same, and on the disk too before it returns: for what is going to be done, so that no power cut leaves it done without a row.</summary>
    ValueTask AppendSyncedAsync(AuditEntry entry, CancellationToken cancel);

    /// <summary>Entries of a project: the newest first; with <see cref="AuditFilter.After"/> those that follow it, the oldest first.</summary>
    ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, AuditFilter filter, CancellationToken cancel);

    /// <summary>The newest entries of a project first.</summary>
    ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, int limit, CancellationToken cancel) => ListAsync(projectId, new AuditFilter(limit), cancel);
}

/// <summary>Which entries are asked for; what is null does not matter.</summary>
/// <param name="Limit">At most so many.</param>
public sealed record AuditFilter(int Limit)
{
    /// <summary>Only later ones than the one of this sequence.</summary>
    public long? After { get; init; }

    /// <summary>On which instance.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>On which account, by its name on the server.</summary>
    public string? Account { get; init; }

    /// <summary>By whom: the principal's name.</summary>
    public string? Principal { get; init; }

    /// <summary>What.</summary>
    public string? Action { get; init; }

    /// <summary>What came of it.</summary>
    public string? Outcome { get; init; }

    /// <summary>Not before.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>An entry as it was recorded.</summary>
/// <param name="Sequence">Its place in the log.</param>
/// <param name="Time">The store's time.</param>
/// <param name="Entry">The entry.</param>
public sealed record RecordedAuditEntry(long Sequence, DateTimeOffset Time, AuditEntry Entry)
{
    /// <summary>Its place in a chain; null for an entry of a Keyturn that had none.</summary>
    public AuditLink? Link { get; init; }
}

/// <summary>An entry's place in a chain of entries, of which each is hashed together with the hash of the one before it.</summary>
/// <param name="Chain">Which chain.</param>
/// <param name="Number">1, 2, 3 … without gaps.</param>
/// <param name="Hash">In hexadecimal.</param>
public sealed record AuditLink(Guid Chain, long Number, string Hash);
