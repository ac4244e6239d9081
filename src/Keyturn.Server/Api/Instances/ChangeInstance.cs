using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class ChangeInstance
{
    /// <summary>Changes some members of a registration (JSON merge patch, RFC 7396). The server is probed again, and not changed.</summary>
    public static async Task<Results<Ok<InstanceAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, CancellationToken cancel)
    {
        var patch = await JsonBody.ReadAsync(http, ApiJson.Default.JsonObject, cancel);
        if (await instances.FindAsync(http, instance, cancel) is not { } present)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var merged = patch.Fault is null ? MergePatch.Apply(present.Body(), patch.Value ?? [], ApiJson.Default.InstanceBody) : new JsonBody<InstanceBody>(Value: null, patch.Fault);
        if (merged.Value is not { } body)
        {
            return Problems.Malformed(http, merged.Fault!);
        }

        var outcome = await registrar.ChangeAsync(http.Caller(), present, body.Draft(), cancel);
        return outcome.Instance is not null ? TypedResults.Ok(outcome.Answer()) : Problems.Of(http, outcome.Refusal!);
    }
}
