using Keyturn.Instances;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class DropAccount
{
    /// <summary>Drops an account from its server, then forgets its passwords.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        return await roster.DropAsync(http.Caller(), instance, path.Name, cancel) is { } refusal ? Problems.Of(http, refusal) : TypedResults.NoContent();
    }
}
