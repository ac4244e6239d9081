using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class RevokeCredential
{
    /// <summary>Revokes a credential, at once and for good; a password takes the sessions with it that it gave out, and it, sessions and access keys the temporary key pairs.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> HandleAsync(
        PathText principal, PathText id, HttpContext http, IPrincipalStore principals, PrincipalRegistrar registrar, CancellationToken cancel)
    {
        if (await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } found)
        {
            return Problems.PrincipalMissing(http, principal);
        }

        var credentialId = Guid.TryParseExact(id.Text, "D", out var parsed) ? parsed : Guid.Empty;
        return Problems.NoContentOr(http, await registrar.RevokeAsync(http.Caller(), found, credentialId, cancel), () => Problems.CredentialMissing(http, id));
    }
}
