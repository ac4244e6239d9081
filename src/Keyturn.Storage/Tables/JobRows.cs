using System.Data.Common;
using Keyturn.Jobs;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of jobs.</summary>
internal static class JobRows
{
    public static async ValueTask InsertAsync(StoreSession session, Job job)
    {
        await session.RunAsync(
            """
            INSERT INTO jobs (id, project_id, instance_id, name, created_at, ended_at, failure)
            VALUES ($id, $project, $instance, $name, $createdAt, $endedAt, $failure)
            """,
            ("$id", job.Id), ("$project", job.ProjectId), ("$instance", job.InstanceId), ("$name", job.Name),
            ("$createdAt", job.CreatedAt), ("$endedAt", job.EndedAt), ("$failure", job.Failure));
        foreach (var (position, reset) in job.ResetIds.Index())
        {
            await session.RunAsync(
                "INSERT INTO job_resets (job_id, position, reset_id) VALUES ($job, $position, $reset)",
                ("$job", job.Id), ("$position", (long)position), ("$reset", reset));
        }
    }

    public static async ValueTask<Job?> FindAsync(StoreSession session, Guid projectId, Guid jobId)
    {
        var resets = await session.QueryAsync("SELECT reset_id FROM job_resets WHERE job_id = $job ORDER BY position", row => row.Id(0), ("$job", jobId));
        return await session.FirstAsync(
            "SELECT id, project_id, instance_id, name, created_at, ended_at, failure FROM jobs WHERE id = $id AND project_id = $project",
            row => Read(row, resets),
            ("$id", jobId), ("$project", projectId));
    }

    public static ValueTask DeleteOlderThanAsync(StoreSession session, DateTimeOffset oldest) =>
        session.RunAsync("DELETE FROM jobs WHERE created_at < $oldest", ("$oldest", oldest));

    private static Job Read(DbDataReader row, IReadOnlyList<Guid> resets) => new()
    {
        Id = row.Id(0),
        ProjectId = row.Id(1),
        InstanceId = row.Id(2),
        Name = row.GetString(3),
        CreatedAt = row.Time(4),
        EndedAt = row.Time(5),
        Failure = row.OptionalText(6),
        ResetIds = resets,
    };
}
