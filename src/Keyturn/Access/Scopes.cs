namespace Keyturn.Access;

/// <summary>
/// What a credential may be used for, by names that its owner gave it. A name is one of Keyturn's actions, with <c>*</c> for a last part
/// or parts (<c>keyturn:account:*</c>, <c>*</c>), or one of DigitalOcean's scopes (<c>database:read</c>, …), which stand for several.
/// </summary>
public sealed record Scopes
{
    /// <summary>
    /// DigitalOcean's scopes and what they let do here; see the API's OpenAPI specification (<c>bearer_auth</c>) for theirs.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string[]> DigitalOcean = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["database:read"] = [KeyturnAction.ReadInstance, KeyturnAction.ReadAccount, KeyturnAction.ReadReset],
        ["database:view_credentials"] = [KeyturnAction.RevealAccount],
        ["database:create"] = [KeyturnAction.CreateAccount],
        ["database:update"] = [KeyturnAction.ResetAccount, KeyturnAction.ChangeAccount],
        ["database:delete"] = [KeyturnAction.DropAccount],
    };

    /// <summary>
    /// What Upstash's keys, of an account or a team, are used for at its door. They have no roles, and so no names for it: a key does what its principal may. An action,
    /// and the call.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> Upstash = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [KeyturnAction.ReadInstance] = "databases listed and read",
        [KeyturnAction.RevealAccount] = "passwords and REST tokens of databases",
        [KeyturnAction.ResetAccount] = "`reset-password`",
        [KeyturnAction.RotateAdmin] = "`reset-password` of the admin login",
    };

    // Below what it is made of: static fields are set in the order they stand in.
    /// <summary>No limit: whatever the principal may do. What a credential without scopes has.</summary>
    public static readonly Scopes All = new(["*"]);

    private readonly HashSet<string> _allowed;

    private Scopes(IReadOnlyList<string> names)
    {
        Names = names;
        _allowed = [.. names.SelectMany(Expand)];
    }

    /// <summary>As they were given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The scopes of these names; null when one of them is none, or there are none at all.</summary>
    public static Scopes? TryParse(IReadOnlyList<string> names) => names.Count > 0 && names.All(name => Expand(name).Any()) ? new Scopes([.. names]) : null;

    /// <summary>Whether a credential with these scopes may be used for <paramref name="action"/>.</summary>
    public bool Allows(string action) => _allowed.Contains(action);

    /// <summary>Whether whoever has these scopes may give out credentials with <paramref name="others"/>: nobody hands on more than they have.</summary>
    public bool Covers(Scopes others) => others._allowed.IsSubsetOf(_allowed);

    /// <inheritdoc/>
    public bool Equals(Scopes? other) => other is not null && _allowed.SetEquals(other._allowed);

    /// <inheritdoc/>
    public override int GetHashCode() => _allowed.Count;

    private static IEnumerable<string> Expand(string name) =>
        DigitalOcean.TryGetValue(name, out var actions) ? actions
        : name == "*" ? KeyturnAction.All
        : name.EndsWith(":*", StringComparison.Ordinal) ? KeyturnAction.All.Where(action => action.StartsWith(name[..^1], StringComparison.Ordinal))
        : KeyturnAction.All.Where(action => action == name);
}
