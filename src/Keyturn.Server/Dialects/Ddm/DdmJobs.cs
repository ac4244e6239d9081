using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>
/// <c>GET /v3/{project_id}/jobs/{job_id}</c>. The one call that answers with a job is that of the administrator, and its job is its reset: it has
/// ended before the answer, but for one that is undecided.
/// </summary>
internal static class DdmJobs
{
    /// <summary>Of the resets that are jobs.</summary>
    public const string Operation = "ddm.admin_user";

    public static async Task<IResult> GetAsync(
        [FromRoute(Name = "job_id")] PathText jobId, HttpContext http, IInstanceStore instances, IResetStore resets, CancellationToken cancel)
    {
        if (HuaweiId.TryParse(jobId.Text) is not { } id)
        {
            return Missing(http);
        }

        var reset = await resets.FindAsync(id, cancel) is { Operation: Operation } job ? job : null;
        var instance = await http.FindInstanceOfJobAsync(instances, id, reset?.Account.InstanceId, cancel);
        return reset is null || instance is null ? Missing(http) : TypedResults.Json(new JobAnswer(Render(reset, instance)), DdmJson.Default.JobAnswer);
    }

    private static JsonHttpResult<DdmError> Missing(HttpContext http) => DdmErrors.Answer(http, DdmFault.Parameter, "There is no such job.");

    private static DdmJob Render(ResetRecord reset, Instance instance) => new(
        HuaweiId.Format(reset.Id),
        reset.Kind == ResetKind.Create ? "CreateAdminUser" : "ResetAdminUserPassword",
        Status(reset.State),
        DdmInstances.Time(reset.PreparedAt),
        reset.EndedAt is { } ended ? DdmInstances.Time(ended) : null,
        reset.IsOpen ? "" : "100%",
        new JobInstance(DdmInstances.Id(instance), instance.Name));

    private static string Status(ResetState state) => state switch
    {
        ResetState.Done => "Completed",
        ResetState.Prepared or ResetState.Undecided => "Running",
        _ => "Failed",
    };
}
