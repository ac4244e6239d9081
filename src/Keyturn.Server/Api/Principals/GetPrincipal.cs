using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class GetPrincipal
{
    /// <summary>One principal, by name.</summary>
    public static async Task<Results<Ok<PrincipalAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText principal, HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is { } found
            ? TypedResults.Ok(PrincipalAnswer.Of(found))
            : Problems.PrincipalMissing(http, principal);
}
