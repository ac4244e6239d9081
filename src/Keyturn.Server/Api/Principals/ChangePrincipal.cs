using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class ChangePrincipal
{
    /// <summary>Gives a principal another name, which only an owner may, or e-mail address (JSON merge patch, RFC 7396). Its credentials stay.</summary>
    public static async Task<Results<Ok<PrincipalAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText principal, HttpContext http, IPrincipalStore principals, PrincipalRegistrar registrar, CancellationToken cancel)
    {
        var patch = await JsonBody.ReadAsync(http, ApiJson.Default.JsonObject, cancel);
        if (await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } present)
        {
            return Problems.PrincipalMissing(http, principal);
        }

        var merged = patch.Fault is null
            ? MergePatch.Apply(new PrincipalBody(present.Name, present.Email), patch.Value ?? [], ApiJson.Default.PrincipalBody)
            : new JsonBody<PrincipalBody>(Value: null, patch.Fault);
        if (merged.Value is not { } body)
        {
            return Problems.Malformed(http, merged.Fault!);
        }

        var outcome = await registrar.ChangeAsync(http.Caller(), present, body.Name ?? "", body.Email, cancel);
        return outcome.Principal is { } changed ? TypedResults.Ok(PrincipalAnswer.Of(changed)) : Problems.Of(http, outcome.Refusal!);
    }
}
