using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class ChangeProject
{
    /// <summary>Gives the caller's project another name or region (JSON merge patch, RFC 7396). Only an owner may.</summary>
    public static async Task<Results<Ok<ProjectAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        HttpContext http, IPrincipalStore principals, PrincipalRegistrar registrar, CancellationToken cancel)
    {
        var patch = await JsonBody.ReadAsync(http, ApiJson.Default.JsonObject, cancel);
        var present = (await principals.FindProjectAsync(http.Caller().ProjectId, cancel))!;
        var merged = patch.Fault is null
            ? MergePatch.Apply(new ProjectBody(present.Name, present.Region), patch.Value ?? [], ApiJson.Default.ProjectBody)
            : new JsonBody<ProjectBody>(Value: null, patch.Fault);
        if (merged.Value is not { } body)
        {
            return Problems.Malformed(http, merged.Fault!);
        }

        var outcome = await registrar.ChangeProjectAsync(http.Caller(), present with { Name = body.Name ?? "", Region = body.Region ?? "" }, cancel);
        return outcome.Project is { } changed ? TypedResults.Ok(ProjectAnswer.Of(changed)) : Problems.Of(http, outcome.Refusal!);
    }
}
