using Microsoft.AspNetCore.Authorization;

namespace Keyturn.Server.Access;

/// <summary>Around authentication: whoever is sent away with 401 is noted first. Signing in by a password (Keystone) does so by itself, since it knows whom.</summary>
internal sealed class AuthenticationAudit(RequestDelegate next, FailedAuthentications failed)
{
    public async Task InvokeAsync(HttpContext http)
    {
        await next(http);
        if (http.Response is { StatusCode: StatusCodes.Status401Unauthorized, HasStarted: false } && http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            await failed.NoteAsync(http);
        }
    }
}
