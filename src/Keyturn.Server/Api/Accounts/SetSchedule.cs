using Keyturn.Instances;
using Keyturn.Rotations;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class SetSchedule
{
    /// <summary>Has Keyturn rotate the account every so many days, from now on. Rotates nothing now; the same interval again changes nothing.</summary>
    public static async Task<Results<Ok<ScheduleAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Scheduler scheduler, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ScheduleBody, cancel);
        if (body.Fault is not null || body.Value?.EveryDays is not { } days)
        {
            return Problems.Malformed(http, body.Fault ?? "The member every_days is missing.");
        }

        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        http.RequireForAdmin(instance, path.Name);
        var outcome = await scheduler.SetAsync(http.Caller(), instance, path.Name, days, cancel);
        return outcome.Refusal is { } refusal ? Problems.Of(http, refusal) : TypedResults.Ok(ScheduleAnswer.Of(outcome.Schedule));
    }
}
