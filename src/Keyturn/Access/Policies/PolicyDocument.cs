namespace Keyturn.Access.Policies;

/// <summary>Which of the two policy languages of Huawei's IAM a document is written in.</summary>
public enum PolicyKind
{
    /// <summary>Version 1.1, the older one: names actions by their old names (a provider's table calls them aliases).</summary>
    Role,

    /// <summary>Version 5.0.</summary>
    Identity,
}

/// <summary>What a statement does to what it matches.</summary>
public enum Effect
{
    /// <summary>Allows it, where nothing denies it.</summary>
    Allow,

    /// <summary>Denies it, whatever allows it.</summary>
    Deny,
}

/// <summary>
/// An identity policy as Huawei's IAM writes them in JSON, read and checked; see its manual, <i>JSON Element Reference</i>.
/// </summary>
/// <param name="Kind">Its language.</param>
/// <param name="Statements">At least one. Their order does not matter.</param>
public sealed record PolicyDocument(PolicyKind Kind, IReadOnlyList<PolicyStatement> Statements)
{
    /// <summary>The actions that nothing here is called by: of services that are not here, of the other language, or misspelt.</summary>
    public IEnumerable<string> UnknownActions()
    {
        var known = KeyturnAction.All.Concat(ProviderAction.All.SelectMany(action => action.NamesIn(Kind))).ToList();
        return Statements.SelectMany(statement => statement.Actions).Where(action => !known.Exists(name => action.Matches(name))).Select(action => action.Pattern).Distinct();
    }

    /// <summary>The keys of its conditions that no request has a value for: most operators do not hold then, and a deny with one denies nothing.</summary>
    public IEnumerable<string> KeysWithoutValue() =>
        Statements.SelectMany(statement => statement.Conditions).Select(condition => condition.Key).Where(ConditionKeys.IsWithoutValue).Distinct();
}

/// <summary>One statement of a policy. It matches when its action, its resource and all of its conditions do.</summary>
public sealed record PolicyStatement
{
    /// <summary>Its name within the policy (<c>Sid</c>); null when it has none.</summary>
    public string? Sid { get; init; }

    /// <summary>What it does.</summary>
    public required Effect Effect { get; init; }

    /// <summary>The actions that it is about.</summary>
    public required IReadOnlyList<Wildcard> Actions { get; init; }

    /// <summary>True where <see cref="Actions"/> are those that it is <em>not</em> about (<c>NotAction</c>).</summary>
    public bool AllOtherActions { get; init; }

    /// <summary>The resources that it is about; none named means all.</summary>
    public IReadOnlyList<ResourcePattern> Resources { get; init; } = [];

    /// <summary>What must hold besides.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}
