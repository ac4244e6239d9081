using Keyturn.Resets;

namespace Keyturn.Jobs;

/// <summary>A job and how far it has come.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Where it stands.</param>
/// <param name="EndedAt">When all of it was over; null while it runs.</param>
/// <param name="Failure">Why it is not completed; null when it is, or runs.</param>
public sealed record JobProgress(Job Job, JobState State, DateTimeOffset? EndedAt, string? Failure);

/// <summary>Reads jobs. Where one stands is not stored: it follows from its resets, which go on without it.</summary>
public sealed class JobReader(IJobStore jobs, IResetStore resets)
{
    /// <summary>The job, if the project has it.</summary>
    public async ValueTask<JobProgress?> FindAsync(Guid projectId, Guid jobId, CancellationToken cancel)
    {
        if (await jobs.FindAsync(projectId, jobId, cancel) is not { } job)
        {
            return null;
        }

        var made = new List<ResetRecord>();
        foreach (var id in job.ResetIds)
        {
            // One whose account was dropped since is gone with it, and was over by then.
            if (await resets.FindAsync(id, cancel) is { } reset)
            {
                made.Add(reset);
            }
        }

        return Progress(job, made);
    }

    private static JobProgress Progress(Job job, List<ResetRecord> made)
    {
        if (made.Exists(reset => reset.IsOpen))
        {
            return new JobProgress(job, JobState.Running, EndedAt: null, Failure: null);
        }

        var failure = made.Find(reset => reset.State != ResetState.Done) is { } undone ? Sentence(undone) : null;
        failure = job.Failure is null || failure is null ? job.Failure ?? failure : $"{failure} {job.Failure}";
        var ended = made.Select(reset => reset.EndedAt ?? job.EndedAt).Append(job.EndedAt).Max();
        return new JobProgress(job, failure is null ? JobState.Completed : JobState.Failed, ended, failure);
    }

    private static string Sentence(ResetRecord reset) => reset.State == ResetState.Parked
        ? $"{reset.Account.Name}: the reset waits for an operator. {reset.Cause?.Detail}".TrimEnd()
        : $"{reset.Account.Name}: nothing was changed. {reset.Cause?.Detail}".TrimEnd();
}
