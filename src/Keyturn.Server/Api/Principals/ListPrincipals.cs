using Keyturn.Access;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class ListPrincipals
{
    /// <summary>The project's principals, by name.</summary>
    public static async Task<Ok<PrincipalsAnswer>> HandleAsync(HttpContext http, IPrincipalStore principals, CancellationToken cancel)
    {
        var all = await principals.ListAsync(http.Caller().ProjectId, cancel);
        return TypedResults.Ok(new PrincipalsAnswer([.. all.Select(PrincipalAnswer.Of)]));
    }
}
