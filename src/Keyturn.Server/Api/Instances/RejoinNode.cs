using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class RejoinNode
{
    /// <summary>Says that a node has been replaced at its address: it gets the accounts' present passwords anew, like one that was added.</summary>
    public static async Task<Results<Accepted<InstanceAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.RejoinBody, cancel);
        if (body.Fault is not null || body.Value?.Address is not { } address)
        {
            return Problems.Malformed(http, body.Fault ?? "The member address is missing.");
        }

        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        return await registrar.RejoinAsync(http.Caller(), found, address, cancel) is { } refusal
            ? Problems.Of(http, refusal)
            : TypedResults.Accepted($"{ApiRoutes.Prefix}/instances/{found.Id}", (await instances.FindAsync(http, instance, cancel) ?? found).Answer());
    }
}
