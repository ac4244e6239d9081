using Keyturn.Access.Policies;

namespace Keyturn.Server.Access;

/// <summary>What a route carries out.</summary>
internal sealed record RequiredAction(RequestedAction Action);

/// <summary>What a route is that only tells callers about themselves: any good credential will do.</summary>
internal sealed record AboutCaller;

/// <summary>Names the action of a route.</summary>
internal static class RequiredActions
{
    /// <summary>The caller must be allowed this action (one of <see cref="Keyturn.Access.KeyturnAction"/>).</summary>
    public static RouteHandlerBuilder Requires(this RouteHandlerBuilder route, string action) => route.WithMetadata(new RequiredAction(new RequestedAction(action)));

    /// <summary>The caller must be allowed this action, by the provider's name for it or by Keyturn's.</summary>
    public static RouteHandlerBuilder Requires(this RouteHandlerBuilder route, ProviderAction action) =>
        route.WithMetadata(new RequiredAction(new RequestedAction(action.Action, action)));

    /// <summary>The routes tell callers about themselves, and end what is theirs. What such a route does with another's things it asks <see cref="CallerPermissions"/> about.</summary>
    public static RouteGroupBuilder ForEveryCaller(this RouteGroupBuilder routes) => routes.WithMetadata(new AboutCaller());

    /// <summary>The action that a request was refused for the lack of, or would be.</summary>
    public static RequestedAction? RequiredAction(this HttpContext http) =>
        (http.Features.Get<RequiredAction>() ?? http.GetEndpoint()?.Metadata.GetMetadata<RequiredAction>())?.Action;
}
