using Keyturn.Instances;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class CheckInstance
{
    /// <summary>Says which rules an instance like this would break, registered or changed to be so. No server is asked, nothing is stored.</summary>
    public static async Task<Results<Ok<InstanceCheckAnswer>, JsonHttpResult<Problem>>> HandleAsync(HttpContext http, Registrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.InstanceBody, cancel);
        return body.Fault is { } fault
            ? Problems.Malformed(http, fault)
            : TypedResults.Ok(new InstanceCheckAnswer(registrar.Check((body.Value ?? new InstanceBody()).Draft())));
    }
}
