using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class RemovePrincipal
{
    /// <summary>Forgets a principal with all its credentials. A conflict for the caller's own.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> HandleAsync(
        PathText principal, HttpContext http, IPrincipalStore principals, PrincipalRegistrar registrar, CancellationToken cancel)
    {
        if (await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } found)
        {
            return Problems.PrincipalMissing(http, principal);
        }

        return await registrar.RemoveAsync(http.Caller(), found, cancel) is { } refusal ? Problems.Of(http, refusal) : TypedResults.NoContent();
    }
}
