using System.Text.RegularExpressions;
using Keyturn.Instances;

namespace Keyturn.Engines.MySql;

/// <summary>What the admin login may do, from its own SHOW GRANTS, which every account may run and which includes active roles.</summary>
internal sealed partial class AdminGrants
{
    private readonly HashSet<string> _global = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _isUnknown = true;
    private readonly bool _mayWriteAccounts;
    private readonly List<(string On, string[] Privileges)> _grantable = [];
    private readonly AccountName _admin;

    /// <summary>Reads the lines of SHOW GRANTS of <paramref name="admin"/>.</summary>
    public AdminGrants(AccountName admin, IEnumerable<string> lines)
    {
        _admin = admin;
        foreach (var match in lines.Select(line => GrantLine().Match(line)).Where(match => match.Success))
        {
            _isUnknown = false;
            var privileges = match.Groups["privileges"].Value.Split(',', StringSplitOptions.TrimEntries);
            if (match.Groups["option"].Success)
            {
                _grantable.Add((match.Groups["object"].Value, privileges));
            }

            if (match.Groups["object"].Value == "*.*")
            {
                _global.UnionWith(privileges);
            }
            else
            {
                _mayWriteAccounts |= match.Groups["object"].Value.StartsWith("`mysql`.", StringComparison.Ordinal)
                    && match.Groups["privileges"].Value.Contains("UPDATE", StringComparison.Ordinal);
            }
        }
    }

    /// <summary>
    /// Whether passwords may be changed: yes with CREATE USER; only trying tells where the account table itself may be written to, or where
    /// nothing is known.
    /// </summary>
    public bool? MayChangePasswords => _global.Contains("CREATE USER") || _global.Contains("ALL PRIVILEGES") ? true
        : _isUnknown || _mayWriteAccounts || _global.Contains("UPDATE") ? null : false;

    /// <summary>Whether it is shown the sessions of others; without the privilege the server lists its own, and does not say that there are more.</summary>
    public bool SeesAllSessions => _global.Contains("PROCESS") || _global.Contains("ALL PRIVILEGES");

    /// <summary>Whether this may be passed on for a database. A pattern may be for it: only trying tells.</summary>
    public bool MayGrant(string privilege, string database) => _isUnknown || _grantable.Exists(grant =>
        (grant.On is "*.*" || grant.On == DatabaseRights.On(database) || grant.On == $"{SqlText.Identifier(database)}.*" || grant.On.Contains('%', StringComparison.Ordinal))
        && grant.Privileges.Any(held => held == privilege || held == "ALL PRIVILEGES"));

    /// <summary>The statement that grants <paramref name="privilege"/> to the admin login.</summary>
    public string Statement(string privilege, string on = "*.*") => $"GRANT {privilege} ON {on} TO {SqlText.Account(_admin)}";

    [GeneratedRegex(@"^GRANT (?<privileges>.+?) ON (?<object>\S+) TO (?<option>.* WITH GRANT OPTION)?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GrantLine();
}
