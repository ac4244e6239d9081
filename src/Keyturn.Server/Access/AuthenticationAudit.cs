using Keyturn.Access;
using Microsoft.AspNetCore.Authorization;

namespace Keyturn.Server.Access;

/// <summary>
/// Around authentication: whoever is sent away with 401 is noted first, or by the limit of requests before it came to that. Signing in by a password (Keystone) does so by
/// itself, since it knows whom.
/// </summary>
internal sealed class AuthenticationAudit(RequestDelegate next, FailedAuthentications failed)
{
    public async Task InvokeAsync(HttpContext http)
    {
        await next(http);
        if (!http.Response.HasStarted && IsNobody(http) && http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            await failed.NoteAsync(http);
        }
    }

    private static bool IsNobody(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => true,
        StatusCodes.Status429TooManyRequests => http.Features.Get<Caller>() is null,
        _ => false,
    };
}
