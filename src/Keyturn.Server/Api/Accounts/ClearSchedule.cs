using Keyturn.Instances;
using Keyturn.Rotations;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ClearSchedule
{
    /// <summary>Has the account rotated by hand only. Also where it is already.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Scheduler scheduler, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        http.RequireForAdmin(instance, path.Name);
        var outcome = await scheduler.ClearAsync(http.Caller(), instance, path.Name, cancel);
        return outcome.Refusal is { } refusal ? Problems.Of(http, refusal) : TypedResults.NoContent();
    }
}
