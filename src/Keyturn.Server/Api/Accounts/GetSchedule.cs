using Keyturn.Instances;
using Keyturn.Rotations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class GetSchedule
{
    /// <summary>When Keyturn rotates the account by itself, and why it could not when it last tried.</summary>
    public static async Task<Results<Ok<ScheduleAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Scheduler scheduler, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var outcome = await scheduler.FindAsync(instance, path.Name, cancel);
        return outcome.Refusal is { } refusal ? Problems.Of(http, refusal) : TypedResults.Ok(ScheduleAnswer.Of(outcome.Schedule));
    }
}
