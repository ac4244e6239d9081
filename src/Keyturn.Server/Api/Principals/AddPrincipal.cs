using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class AddPrincipal
{
    /// <summary>Adds a principal to the project. It can do nothing before it has a credential and, unless it is an owner, a policy.</summary>
    public static async Task<Results<Created<PrincipalAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        HttpContext http, PrincipalRegistrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.PrincipalBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        var outcome = await registrar.AddAsync(http.Caller(), body.Value?.Name ?? "", body.Value?.Email, body.Value?.Owner ?? false, cancel);
        return outcome.Principal is { } principal
            ? TypedResults.Created($"{ApiRoutes.Prefix}/principals/{principal.Name}", PrincipalAnswer.Of(principal))
            : Problems.Of(http, outcome.Refusal!);
    }
}
