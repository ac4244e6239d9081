using Keyturn.Access;
using Keyturn.Audit;
using Microsoft.AspNetCore.Authorization;

namespace Keyturn.Server.Access;

/// <summary>What a route carries out: one of <see cref="KeyturnAction"/>.</summary>
internal sealed record RequiredAction(string Action);

/// <summary>What a route is that only tells callers about themselves: any good credential will do.</summary>
internal sealed record AboutCaller;

/// <summary>Names the action of a route.</summary>
internal static class RequiredActions
{
    /// <summary>The credential that is shown has to be one for this action.</summary>
    public static RouteHandlerBuilder Requires(this RouteHandlerBuilder route, string action) => route.WithMetadata(new RequiredAction(action));

    /// <summary>The routes tell callers about themselves, and end what is theirs.</summary>
    public static RouteGroupBuilder ForEveryCaller(this RouteGroupBuilder routes) => routes.WithMetadata(new AboutCaller());

    /// <summary>The action that a request was refused for the lack of, or would be.</summary>
    public static string? RequiredAction(this HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<RequiredAction>()?.Action;
}

/// <summary>
/// Refuses what the caller's credential is not for: behind authentication, before anything is read. The body of a 403 is the door's. A route
/// that names no action, and is not open to everybody, is for nobody.
/// </summary>
internal sealed class ScopeCheck(RequestDelegate next, IAuditLog audit)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (IsAllowed(http))
        {
            await next(http);
            return;
        }

        var entry = new AuditEntry { Caller = http.Caller(), Action = "access", Outcome = "refused", Detail = http.RequiredAction() };
        await audit.AppendAsync(entry, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
    }

    /// <summary>What is no route of ours is the framework's answer that there is none, or none for this method.</summary>
    private static bool IsAllowed(HttpContext http) =>
        http.GetEndpoint() is not RouteEndpoint route
        || route.Metadata.GetMetadata<IAllowAnonymous>() is not null
        || route.Metadata.GetMetadata<AboutCaller>() is not null
        || (http.RequiredAction() is { } action && http.Caller().Scopes.Allows(action));
}
