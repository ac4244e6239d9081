namespace Keyturn.Access.Policies;

/// <summary>A policy of a principal, with the name that people know it by.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Document">What it says.</param>
public sealed record NamedPolicy(string Name, PolicyDocument Document)
{
    /// <summary>What a policy says that no longer can be read, because a newer program wrote it: to be careful, that nothing is allowed.</summary>
    private static readonly PolicyDocument Unreadable =
        new(PolicyKind.Identity, [new PolicyStatement { Sid = "Unreadable", Effect = Effect.Deny, Actions = [new Wildcard("*")] }]);

    /// <summary>A stored policy.</summary>
    public static NamedPolicy Of(AccessPolicy policy) => new(policy.Name, PolicyReader.Read(policy.Document).Document ?? Unreadable);
}

/// <summary>Whether a request is allowed, and what decided.</summary>
/// <param name="IsAllowed">Whether it is.</param>
/// <param name="Reason">One sentence.</param>
public sealed record Decision(bool IsAllowed, string Reason)
{
    /// <summary>Name of the policy whose statement decided; null where none did.</summary>
    public string? Policy { get; init; }

    /// <summary>The statement: its <c>Sid</c>, else its place in the policy, counted from 1.</summary>
    public string? Statement { get; init; }
}

/// <summary>
/// What a principal may do: by the policies that are attached to it and to its groups. Deny beats allow, whatever their order; what nothing
/// allows is denied. The project's owner is allowed everything that nothing denies.
/// </summary>
/// <param name="isOwner">Whether the principal owns its project.</param>
/// <param name="policies">Its policies and those of its groups.</param>
public sealed class Rights(bool isOwner, IReadOnlyList<NamedPolicy> policies)
{
    /// <summary>The decision.</summary>
    public Decision Decide(AccessRequest request)
    {
        if (Find(request, Effect.Deny) is { } denied)
        {
            return denied;
        }

        if (isOwner)
        {
            return new Decision(IsAllowed: true, "The principal is an owner of the project, and no policy denies it.");
        }

        return Find(request, Effect.Allow) ?? new Decision(IsAllowed: false, $"No policy of the principal allows {NamesOf(request)}.");
    }

    /// <summary>Whether there is any resource, and any time and place, with which the action is allowed: if not, nothing has to be looked at.</summary>
    public bool MayAllow(RequestedAction action) => isOwner || policies.Any(policy => policy.Document.Statements.Any(statement =>
        statement.Effect == Effect.Allow && statement.Actions.Any(pattern => Matches(pattern, action.NamesIn(policy.Document.Kind, atAnyDoor: false, engine: null))) != statement.AllOtherActions));

    private Decision? Find(AccessRequest request, Effect effect)
    {
        foreach (var policy in policies)
        {
            for (var i = 0; i < policy.Document.Statements.Count; i++)
            {
                var statement = policy.Document.Statements[i];
                if (statement.Effect == effect && IsAboutAction(statement, policy.Document.Kind, request) && IsAboutResource(statement, request) && Holds(statement, request))
                {
                    return Of(policy, statement, i);
                }
            }
        }

        return null;
    }

    private static Decision Of(NamedPolicy policy, PolicyStatement statement, int index)
    {
        var name = statement.Sid ?? $"{index + 1}";
        var verb = statement.Effect == Effect.Allow ? "allows" : "denies";
        return new Decision(statement.Effect == Effect.Allow, $"Statement {name} of the policy {policy.Name} {verb} it.") { Policy = policy.Name, Statement = name };
    }

    /// <summary>
    /// What is denied by one name is denied whichever door it comes by, and so is what an allow leaves out; what is allowed by a name is allowed by
    /// that name only, and so is what a deny leaves out.
    /// </summary>
    private static bool IsAboutAction(PolicyStatement statement, PolicyKind kind, AccessRequest request)
    {
        var names = request.Action.NamesIn(kind, statement.Effect == Effect.Deny != statement.AllOtherActions, request.Resource.Engine);
        return statement.Actions.Any(pattern => Matches(pattern, names)) != statement.AllOtherActions;
    }

    private static bool IsAboutResource(PolicyStatement statement, AccessRequest request) =>
        statement.Resources.Count == 0
        || statement.Resources.Any(pattern => pattern.Matches(request.Resource, request.Action.Services(statement.Effect == Effect.Deny, request.Resource.Engine), statement.Effect == Effect.Deny));

    private static bool Matches(Wildcard pattern, IReadOnlyList<string> names) => names.Any(name => pattern.Matches(name));

    private static bool Holds(PolicyStatement statement, AccessRequest request) => statement.Conditions.All(condition =>
        request.Resource.IsMissing && ConditionKeys.IsOfInstance(condition.Key) ? statement.Effect == Effect.Deny : condition.Holds(request.ValueOf(condition.Key)));

    private static string NamesOf(AccessRequest request) =>
        request.Action.Provider is { } provider ? $"{provider.Name} or {request.Action.Name}" : request.Action.Name;
}
