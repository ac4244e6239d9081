using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class RemoveInstance
{
    /// <summary>Forgets an instance with its accounts and their passwords. Changes nothing on its server.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        return await registrar.RemoveAsync(http.Caller(), found, cancel) is { } refusal ? Problems.Of(http, refusal) : TypedResults.NoContent();
    }
}
