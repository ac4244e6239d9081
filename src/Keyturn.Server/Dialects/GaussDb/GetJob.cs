using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary><c>GET …/jobs?id=</c>: how far a job has come.</summary>
internal static class GetJob
{
    public static async Task<IResult> HandleAsync([FromQuery] string? id, HttpContext http, JobReader jobs, IInstanceStore instances, CancellationToken cancel)
    {
        var project = http.Caller().ProjectId;
        if (!Guid.TryParse(id, out var jobId) || await jobs.FindAsync(project, jobId, cancel) is not { } progress)
        {
            return GaussDbErrors.Answer(http, GaussDbFault.Parameter, "There is no such job.");
        }

        var instance = await http.FindInstanceAsync(instances, progress.Job.InstanceId, cancel);
        return TypedResults.Json(new JobAnswer(Render(progress, instance)), GaussDbJson.Default.JobAnswer);
    }

    private static GaussDbJob Render(JobProgress progress, Instance? instance) => new(
        progress.Job.Id.ToString(),
        progress.Job.Name,
        progress.State.ToString(),
        GaussDbInstances.Time(progress.Job.CreatedAt),
        progress.EndedAt is { } ended ? GaussDbInstances.Time(ended) : null,
        Process: "",
        new JobInstance(HuaweiId.Format(progress.Job.InstanceId, HuaweiId.GaussDb), instance?.Name ?? ""),
        new Nothing(),
        progress.Failure);
}
