using Keyturn.Access;
using Keyturn.Access.Policies;

namespace Keyturn.Server.Access;

/// <summary>What callers' policies allow, read anew for each request.</summary>
internal sealed class CallerPermissions(IPolicyStore policies, IPrincipalStore principals, TimeProvider clock)
{
    /// <summary>Null where there are none to limit an owner, so that there is nothing to be read.</summary>
    public async ValueTask<Permissions?> ReadAsync(HttpContext http)
    {
        var (caller, known, cancel) = (http.Caller(), http.Known(), http.RequestAborted);
        if (known is { Principal.IsOwner: true, HasPolicies: false })
        {
            return null;
        }

        var attached = known.HasPolicies ? await policies.ListOfAsync(known.Principal.Id, cancel) : [];
        var rights = new Rights(known.Principal.IsOwner, [.. attached.Select(NamedPolicy.Of)]);
        var project = (await principals.FindProjectAsync(caller.ProjectId, cancel))!;
        return new Permissions(known.Principal, project, rights, caller.Source, clock);
    }

    /// <summary>
    /// Why the caller may not do something to the project as a whole; null when it may. For what only some may do on a route that is for every caller, which
    /// <see cref="AccessCheck"/> lets pass.
    /// </summary>
    public async ValueTask<string?> RefuseAsync(HttpContext http, string action) =>
        !http.Caller().Scopes.Allows(action) ? $"The credential's scopes leave {action} out."
        : await ReadAsync(http) is { } permissions && permissions.Decide(new RequestedAction(action)) is { IsAllowed: false } decision ? decision.Reason
        : null;
}
