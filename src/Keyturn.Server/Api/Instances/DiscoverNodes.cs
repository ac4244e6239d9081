using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class DiscoverNodes
{
    /// <summary>Asks the instance's servers which nodes they know, and logs in to each. Changes nothing.</summary>
    public static async Task<Results<Ok<DiscoverAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var discovered = await registrar.DiscoverAsync(http.Caller(), found, cancel);
        return discovered.Value is { } nodes ? TypedResults.Ok(DiscoverAnswer.Of(nodes)) : Problems.Of(http, Refusal.Of(discovered.Failure!));
    }
}
