using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class RegisterInstance
{
    /// <summary>Registers an instance: proves that its server is there and takes the admin login. Changes nothing on it.</summary>
    public static async Task<Results<Created<InstanceAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        HttpContext http, Registrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.InstanceBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        var outcome = await registrar.RegisterAsync(http.Caller(), (body.Value ?? new InstanceBody()).Draft(), cancel);
        return outcome.Instance is { } instance
            ? TypedResults.Created($"{ApiRoutes.Prefix}/instances/{instance.Id}", outcome.Answer())
            : Problems.Of(http, outcome.Refusal!);
    }
}
