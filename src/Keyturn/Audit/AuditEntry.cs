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

    /// <summary>The newest entries of a project first.</summary>
    ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, int limit, CancellationToken cancel);
}

/// <summary>An entry as it was recorded.</summary>
/// <param name="Sequence">Its place in the log.</param>
/// <param name="Time">The store's time.</param>
/// <param name="Entry">The entry.</param>
public sealed record RecordedAuditEntry(long Sequence, DateTimeOffset Time, AuditEntry Entry);
