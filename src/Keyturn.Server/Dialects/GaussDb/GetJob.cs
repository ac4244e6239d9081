using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary><c>GET …/jobs?id=</c>: how far a job has come.</summary>
internal static class GetJob
{
    public static async Task<IResult> HandleAsync([FromQuery] string? id, HttpContext http, JobReader jobs, IInstanceStore instances, CancellationToken cancel)
    {
        if (!Guid.TryParse(id, out var jobId))
        {
            return Missing(http);
        }

        var progress = await jobs.FindAsync(http.Caller().ProjectId, jobId, cancel);
        var instance = await http.FindInstanceOfJobAsync(instances, jobId, progress?.Job.InstanceId, cancel);
        return progress is null ? Missing(http) : TypedResults.Json(new JobAnswer(Render(progress, instance)), GaussDbJson.Default.JobAnswer);
    }

    private static JsonHttpResult<GaussDbError> Missing(HttpContext http) => GaussDbErrors.Answer(http, GaussDbFault.Parameter, "There is no such job.");

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
