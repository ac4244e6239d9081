namespace Keyturn.Storage.Chain;

/// <summary>What was done to the audit log.</summary>
public enum AuditDamage
{
    /// <summary>A row says something else than when it was written.</summary>
    Edited,

    /// <summary>A row between two others is gone, or a whole chain.</summary>
    Removed,

    /// <summary>Rows stand in another order.</summary>
    Reordered,

    /// <summary>Rows at the end of a chain are gone.</summary>
    Truncated,

    /// <summary>A row is in no chain, although chains had begun.</summary>
    Added,
}

/// <summary>The end of a chain, to be kept elsewhere.</summary>
/// <param name="Chain">Which chain.</param>
/// <param name="Number">Of its last row.</param>
/// <param name="Hash">Of that row, in hexadecimal.</param>
public sealed record KeptHead(Guid Chain, long Number, string Hash);

/// <summary>The first thing that is wrong with a chain.</summary>
/// <param name="Damage">What was done.</param>
/// <param name="What">In words.</param>
public sealed record AuditFault(AuditDamage Damage, string What)
{
    /// <summary>The chain; null for rows that are in none.</summary>
    public Guid? Chain { get; init; }

    /// <summary>The row's sequence: the one that is wrong, or the last good one before those that are gone.</summary>
    public long? Sequence { get; init; }

    /// <summary>Its time, as it says now.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Its action, as it says now.</summary>
    public string? Action { get; init; }
}

/// <summary>What verification found.</summary>
/// <param name="Rows">Rows in chains that were read.</param>
/// <param name="Earlier">Rows from before there were chains.</param>
/// <param name="Heads">Where the chains end.</param>
/// <param name="Faults">Of each chain the first; empty when the log is as it was written.</param>
public sealed record AuditReport(long Rows, long Earlier, IReadOnlyList<KeptHead> Heads, IReadOnlyList<AuditFault> Faults);
