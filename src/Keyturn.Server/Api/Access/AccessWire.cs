using System.Text.Json;
using Keyturn.Access.Policies;

namespace Keyturn.Server.Api.Access;

/// <summary>An access policy as a caller describes it. The document is a policy of Huawei's IAM, as JSON.</summary>
internal sealed record PolicyBody(string? Name, JsonElement? Document);

/// <summary>An access policy, and the principals and groups that have it.</summary>
internal sealed record PolicyAnswer(Guid Id, string Name, JsonElement Document, IReadOnlyList<string> Principals, IReadOnlyList<string> Groups, DateTimeOffset CreatedAt)
{
    /// <summary>What is no error and may be a mistake: actions that nothing here is called by, keys that no request has a value for.</summary>
    public IReadOnlyList<string>? Remarks { get; init; }

    public static PolicyAnswer Of(AttachedPolicy attached)
    {
        var policy = attached.Policy;
        using var document = JsonDocument.Parse(policy.Document);
        return new PolicyAnswer(policy.Id, policy.Name, document.RootElement.Clone(), attached.Principals, attached.Groups, policy.CreatedAt)
        {
            Remarks = PolicyReader.Read(policy.Document).Document is { } read && RemarksOn(read).ToList() is { Count: > 0 } remarks ? remarks : null,
        };
    }

    private static IEnumerable<string> RemarksOn(PolicyDocument read) =>
    [
        .. read.UnknownActions().Select(action => $"Nothing here is called {action}."),
        .. read.KeysWithoutValue().Select(key => $"No request has a value called {key}: a condition on it holds only with Null, IfExists or a negated operator."),
    ];
}

/// <summary>The project's access policies, by name.</summary>
internal sealed record PoliciesAnswer(IReadOnlyList<PolicyAnswer> Policies);

/// <summary>A group as a caller describes it.</summary>
internal sealed record GroupBody(string? Name);

/// <summary>A group, with the names of its principals.</summary>
internal sealed record GroupAnswer(Guid Id, string Name, IReadOnlyList<string> Members, DateTimeOffset CreatedAt)
{
    public static GroupAnswer Of(PrincipalGroup group) => new(group.Id, group.Name, group.Members, group.CreatedAt);
}

/// <summary>The project's groups, by name.</summary>
internal sealed record GroupsAnswer(IReadOnlyList<GroupAnswer> Groups);

/// <summary>What is to be explained.</summary>
internal sealed record ExplainBody
{
    /// <summary>Name of the principal.</summary>
    public string? Principal { get; init; }

    /// <summary>Keyturn's name of the action, or a provider's: then as if it came in by that provider's door. Or a scope of DigitalOcean's.</summary>
    public string? Action { get; init; }

    /// <summary>Name or id of the instance; for what is done to one.</summary>
    public string? Instance { get; init; }

    /// <summary>From this address instead of the caller's own.</summary>
    public string? Source { get; init; }

    /// <summary>At this time instead of now.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What would be decided, and by what. Scopes of credentials are another matter: they can only take away.</summary>
internal record DecisionAnswer(bool Allowed, string Reason, string Action)
{
    /// <summary>The name that it was asked by, where that is not Keyturn's.</summary>
    public string? ProviderAction { get; init; }

    public string? Policy { get; init; }

    public string? Statement { get; init; }
}

/// <summary>The same of the first action that a name stands for.</summary>
internal sealed record ExplainAnswer(bool Allowed, string Reason, string Action) : DecisionAnswer(Allowed, Reason, Action)
{
    /// <summary>Of the other actions that the name stands for.</summary>
    public IReadOnlyList<DecisionAnswer>? Also { get; init; }
}
