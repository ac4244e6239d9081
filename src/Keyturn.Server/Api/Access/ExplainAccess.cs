using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Access;

internal static class ExplainAccess
{
    /// <summary>Whether a principal may do something, and which statement of which policy decides it. Nothing is done.</summary>
    public static async Task<Results<Ok<ExplainAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        HttpContext http, IPrincipalStore principals, IPolicyStore policies, IInstanceStore instances, TimeProvider clock, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ExplainBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        var asked = body.Value ?? new ExplainBody();
        if (RequestedAction.Find(asked.Action ?? "") is not { } action)
        {
            return Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, $"Nothing here is called {asked.Action}; an action is one such as {KeyturnAction.ResetAccount}."));
        }

        if (await principals.FindAsync(http.Caller().ProjectId, asked.Principal ?? "", cancel) is not { } principal)
        {
            return Problems.PrincipalMissing(http, new PathText(asked.Principal ?? ""));
        }

        var instance = asked.Instance is null ? null : await instances.FindAsync(http, asked.Instance, cancel);
        if (instance is null && (asked.Instance is not null || KeyturnAction.IsOnInstance(action.Name)))
        {
            return asked.Instance is null
                ? Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, $"{action.ShownName} is done to an instance: say to which."))
                : Problems.InstanceMissing(http, new PathText(asked.Instance));
        }

        var project = (await principals.FindProjectAsync(http.Caller().ProjectId, cancel))!;
        var rights = new Rights(principal.IsOwner, [.. (await policies.ListOfAsync(principal.Id, cancel)).Select(NamedPolicy.Of)]);
        var resource = instance is null ? AccessResource.Of(project, action.Name) : AccessResource.Of(instance, project);
        var decision = rights.Decide(new AccessRequest(action, resource, principal, project, asked.Source ?? http.Caller().Source, asked.Time ?? clock.GetUtcNow()));
        return TypedResults.Ok(new ExplainAnswer(decision.IsAllowed, decision.Reason, action.Name)
        {
            ProviderAction = action.Provider?.Name,
            Policy = decision.Policy,
            Statement = decision.Statement,
        });
    }
}
