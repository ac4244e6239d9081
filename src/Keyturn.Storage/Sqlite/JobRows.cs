using Keyturn.Jobs;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Rows of jobs.</summary>
internal static class JobRows
{
    public static void Insert(SqliteSession session, Job job)
    {
        session.Execute(
            """
            INSERT INTO jobs (id, project_id, instance_id, name, created_at, ended_at, failure)
            VALUES ($id, $project, $instance, $name, $createdAt, $endedAt, $failure)
            """,
            ("$id", job.Id), ("$project", job.ProjectId), ("$instance", job.InstanceId), ("$name", job.Name),
            ("$createdAt", job.CreatedAt), ("$endedAt", job.EndedAt), ("$failure", job.Failure));
        foreach (var (position, reset) in job.ResetIds.Index())
        {
            session.Execute(
                "INSERT INTO job_resets (job_id, position, reset_id) VALUES ($job, $position, $reset)",
                ("$job", job.Id), ("$position", (long)position), ("$reset", reset));
        }
    }

    public static Job? Find(SqliteSession session, Guid projectId, Guid jobId)
    {
        var resets = session.Query("SELECT reset_id FROM job_resets WHERE job_id = $job ORDER BY position", row => row.Id(0), ("$job", jobId));
        return session.First(
            "SELECT id, project_id, instance_id, name, created_at, ended_at, failure FROM jobs WHERE id = $id AND project_id = $project",
            row => Read(row, resets),
            ("$id", jobId), ("$project", projectId));
    }

    public static void DeleteOlderThan(SqliteSession session, DateTimeOffset oldest) =>
        session.Execute("DELETE FROM jobs WHERE created_at < $oldest", ("$oldest", oldest));

    private static Job Read(SqliteDataReader row, IReadOnlyList<Guid> resets) => new()
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
