using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class ListCredentials
{
    /// <summary>A principal's credentials, oldest first, expired ones too; without their secrets, which nobody sees again.</summary>
    public static async Task<Results<Ok<CredentialsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText principal, HttpContext http, IPrincipalStore principals, CancellationToken cancel)
    {
        if (await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } found)
        {
            return Problems.PrincipalMissing(http, principal);
        }

        var all = await principals.ListCredentialsAsync(found.Id, cancel);
        return TypedResults.Ok(new CredentialsAnswer([.. all.Select(CredentialAnswer.Of)]));
    }
}
