using Keyturn.Access;
using Keyturn.Instances;
using Microsoft.AspNetCore.Authorization;

namespace Keyturn.Server.Access;

/// <summary>
/// Refuses what the caller's credential is not for, and what its policies do not allow: behind authentication, before anything is read. What is done
/// to an instance is decided when the handler has found it (see <see cref="CallerInstances"/>). The body of a 403 is the door's. A route that names no
/// action, and is not open to everybody, is for nobody.
/// </summary>
internal sealed class AccessCheck(RequestDelegate next, CallerPermissions callers)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (IsOpen(http))
        {
            await next(http);
            return;
        }

        if (await RefuseAsync(http) is { } reason)
        {
            await RefuseAsync(http, reason, instanceId: null);
            return;
        }

        try
        {
            await next(http);
        }
        catch (AccessDeniedException denied) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            if (denied.Action is { } missing)
            {
                http.Features.Set(new RequiredAction(missing));
            }

            await RefuseAsync(http, denied.Message, denied.InstanceId, denied.Account);
        }
    }

    /// <summary>What is no route of ours is the framework's answer that there is none, or none for this method.</summary>
    private static bool IsOpen(HttpContext http) =>
        http.GetEndpoint() is not RouteEndpoint route
        || route.Metadata.GetMetadata<IAllowAnonymous>() is not null
        || route.Metadata.GetMetadata<AboutCaller>() is not null;

    /// <summary>Why the request is refused whatever it is about; null when it is not.</summary>
    private async ValueTask<string?> RefuseAsync(HttpContext http)
    {
        if (http.RequiredAction() is not { } action)
        {
            return "The route is for nobody.";
        }

        if (!http.Caller().Scopes.Allows(action.Name))
        {
            return $"The credential's scopes leave {action.Name} out.";
        }

        if (await callers.ReadAsync(http) is not { } permissions)
        {
            return null;
        }

        http.Features.Set(http.Caller() with { Permissions = permissions });
        return KeyturnAction.IsOnInstance(action.Name)
            ? permissions.MayAllow(action) ? null : $"No policy of the principal allows {action.Name}."
            : permissions.Decide(action) is { IsAllowed: false } decision ? decision.Reason : null;
    }

    private static async Task RefuseAsync(HttpContext http, string reason, Guid? instanceId, AccountName? account = null)
    {
        await http.NoteRefusalAsync(reason, instanceId: instanceId, account: account);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
    }
}
