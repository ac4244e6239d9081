using Keyturn.Access;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class GetProject
{
    /// <summary>The caller's project.</summary>
    public static async Task<Ok<ProjectAnswer>> HandleAsync(HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        TypedResults.Ok(ProjectAnswer.Of((await principals.FindProjectAsync(http.Caller().ProjectId, cancel))!));
}
