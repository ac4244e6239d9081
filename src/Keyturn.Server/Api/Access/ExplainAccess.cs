using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Access;

internal static class ExplainAccess
{
    /// <summary>Whether a principal may do something, and which statement of which policy decides it; all that a name stands for. Nothing is done.</summary>
    public static async Task<Results<Ok<ExplainAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        HttpContext http, IPrincipalStore principals, IPolicyStore policies, IInstanceStore instances, TimeProvider clock, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ExplainBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        var asked = body.Value ?? new ExplainBody();
        if (RequestedAction.FindAll(asked.Action ?? "") is not [var first, ..] actions)
        {
            return Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, $"Nothing here is called {asked.Action}; an action is one such as {KeyturnAction.ResetAccount}."));
        }

        if (await principals.FindAsync(http.Caller().ProjectId, asked.Principal ?? "", cancel) is not { } principal)
        {
            return Problems.PrincipalMissing(http, new PathText(asked.Principal ?? ""));
        }

        var instance = asked.Instance is null ? null : await http.FindReadableInstanceAsync(instances, asked.Instance, cancel);
        if (instance is null && (asked.Instance is not null || KeyturnAction.IsOnInstance(first.Name)))
        {
            return asked.Instance is null
                ? Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, $"{first.ShownName} is done to an instance: say to which."))
                : Problems.InstanceMissing(http, new PathText(asked.Instance));
        }

        var project = (await principals.FindProjectAsync(http.Caller().ProjectId, cancel))!;
        var rights = new Rights(principal.IsOwner, [.. (await policies.ListOfAsync(principal.Id, cancel)).Select(NamedPolicy.Of)]);
        var (source, time) = (asked.Source ?? http.Caller().Source, asked.Time ?? clock.GetUtcNow());
        return TypedResults.Ok(Answer([.. actions.Select(action => (action, Decide(action)))], asked.Action!));

        Decision Decide(RequestedAction action) =>
            instance is not null && action.Provider?.Shows(instance.Engine) == false
                ? new Decision(IsAllowed: false, $"{action.Service} has no instances of {instance.Engine}: {instance.Name} is not there by its door, whatever the policies say.")
                : rights.Decide(new AccessRequest(
                    action, instance is null ? AccessResource.Of(project, action.Name) : AccessResource.Of(instance, project), principal, project, source, time));
    }

    private static ExplainAnswer Answer(IReadOnlyList<(RequestedAction Action, Decision Decision)> decided, string asked)
    {
        var answers = decided.Select(each => new ExplainAnswer(each.Decision.IsAllowed, each.Decision.Reason, each.Action.Name)
        {
            ProviderAction = each.Action.Provider?.Name ?? (each.Action.Name.Equals(asked, StringComparison.OrdinalIgnoreCase) ? null : asked),
            Policy = each.Decision.Policy,
            Statement = each.Decision.Statement,
        }).ToList();
        return answers[0] with { Also = answers.Count > 1 ? [.. answers.Skip(1)] : null };
    }
}
