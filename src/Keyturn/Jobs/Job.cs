namespace Keyturn.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>One of its resets is open.</summary>
    Running,

    /// <summary>All that was asked for is done.</summary>
    Completed,

    /// <summary>Something of it is not done, and will not be.</summary>
    Failed,
}

/// <summary>
/// Work on several accounts that was asked for in one request, as providers show it whose clients poll for the end. Most jobs have ended
/// when their caller first hears of them; what is still open are their resets.
/// </summary>
public sealed record Job
{
    /// <summary>So long it can be asked for.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Made by Keyturn.</summary>
    public required Guid Id { get; init; }

    /// <summary>The tenant that it belongs to.</summary>
    public required Guid ProjectId { get; init; }

    /// <summary>On which instance.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>What it does, by the provider's name for it.</summary>
    public required string Name { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its own work was over; its open resets may end later.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>What was left undone and why, without secrets; null when nothing was.</summary>
    public string? Failure { get; init; }

    /// <summary>The resets that it made, in order.</summary>
    public required IReadOnlyList<Guid> ResetIds { get; init; }
}

/// <summary>Jobs, kept for <see cref="Job.Kept"/>.</summary>
public interface IJobStore
{
    /// <summary>Adds a job; it is visible before this returns.</summary>
    ValueTask AddAsync(Job job, CancellationToken cancel);

    /// <summary>The job, if the project has it.</summary>
    ValueTask<Job?> FindAsync(Guid projectId, Guid jobId, CancellationToken cancel);
}
