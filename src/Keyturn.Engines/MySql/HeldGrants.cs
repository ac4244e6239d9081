using System.Text.RegularExpressions;

namespace Keyturn.Engines.MySql;

/// <summary>The lines of SHOW GRANTS, which every account may run for itself, and which includes active roles.</summary>
internal sealed partial class HeldGrants
{
    private const string All = "ALL PRIVILEGES";

    private readonly List<Grant> _grants;

    public HeldGrants(IEnumerable<string> lines) => _grants = [.. lines.Select(line => GrantLine().Match(line)).Where(match => match.Success).Select(Grant.Of)];

    /// <param name="On"><c>*.*</c>, a database or a table.</param>
    /// <param name="Privileges">In capitals; null for all columns, or the columns that it is for.</param>
    /// <param name="WithOption">WITH GRANT OPTION.</param>
    private sealed record Grant(string On, IReadOnlyList<(string Name, string? Columns)> Privileges, bool WithOption)
    {
        public static Grant Of(Match line) => new(
            line.Groups["object"].Value,
            [.. PrivilegeOfLine().Matches(line.Groups["privileges"].Value).Select(match => (match.Groups["name"].Value.Trim(), match.Groups["columns"] is { Success: true } columns ? columns.Value : null))],
            line.Groups["option"].Success);

        public bool HasAll(string privilege) => Privileges.Any(held => held.Columns is null && (held.Name == privilege || held.Name == All));
    }

    /// <summary>The server has told nothing that is understood: only trying tells.</summary>
    public bool AreUnknown => _grants.Count == 0;

    /// <summary>Whether it is held on everything.</summary>
    public bool HasGlobal(string privilege) => _grants.Exists(grant => grant.On is "*.*" && grant.HasAll(privilege));

    /// <summary>Whether some table of the server's own may be written to by this.</summary>
    public bool HasOnSystemTables(string privilege) =>
        HasGlobal(privilege) || _grants.Exists(grant => IsOfSystem(grant) && grant.Privileges.Any(held => held.Name == privilege || held.Name == All));

    /// <summary>Whether these columns of <c>mysql.table</c> may be read: by one grant on them, or by several, or on more than them.</summary>
    public bool MayRead(string table, IEnumerable<string> columns)
    {
        var reaching = _grants.FindAll(grant => grant.On is "*.*" or "`mysql`.*" || grant.On == $"`mysql`.`{table}`");
        var named = reaching.SelectMany(grant => grant.Privileges).Where(held => held.Name == "SELECT").SelectMany(held => held.Columns?.Split(',') ?? []).Select(column => column.Trim(' ', '`'));
        return reaching.Exists(grant => grant.HasAll("SELECT")) || !columns.Except(named, StringComparer.OrdinalIgnoreCase).Any();
    }

    /// <summary>Whether this may be passed on for a database. A pattern may be for it: only trying tells.</summary>
    public bool MayGrant(string privilege, string database) => AreUnknown || _grants.Exists(grant => grant.WithOption && grant.HasAll(privilege)
        && (grant.On is "*.*" || grant.On == DatabaseRights.On(database) || grant.On == $"{SqlText.Identifier(database)}.*" || grant.On.Contains('%', StringComparison.Ordinal)));

    private static bool IsOfSystem(Grant grant) => grant.On.StartsWith("`mysql`.", StringComparison.Ordinal);

    [GeneratedRegex(@"^GRANT (?<privileges>.+?) ON (?<object>\S+) TO (?<option>.* WITH GRANT OPTION)?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GrantLine();

    [GeneratedRegex(@"(?<name>[^,(]+)(\((?<columns>[^)]*)\))?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PrivilegeOfLine();
}
