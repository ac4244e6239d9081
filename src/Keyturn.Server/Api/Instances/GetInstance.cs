using Keyturn.Instances;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class GetInstance
{
    /// <summary>One instance, by id or name.</summary>
    public static async Task<Results<Ok<InstanceAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        await instances.FindAsync(http, instance, cancel) is { } found
            ? TypedResults.Ok(found.Answer())
            : Problems.InstanceMissing(http, instance);
}
