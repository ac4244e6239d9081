using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class TakeDiscoveredNodes
{
    /// <summary>Adds the nodes to the registration that its servers know and that take the admin login. Changes nothing on them.</summary>
    public static async Task<Results<Ok<InstanceAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var outcome = await registrar.TakeDiscoveredAsync(http.Caller(), found, cancel);
        return outcome.Instance is not null ? TypedResults.Ok(outcome.Answer()) : Problems.Of(http, outcome.Refusal!);
    }
}
