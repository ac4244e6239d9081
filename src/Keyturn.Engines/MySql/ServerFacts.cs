using Keyturn.Instances;
using Keyturn.Wire;

namespace Keyturn.Engines.MySql;

/// <summary>What connecting told, by name.</summary>
internal sealed class ServerFacts
{
    private readonly ILookup<string, string> _values;

    public ServerFacts(IEnumerable<(string Name, string Value)> values) =>
        _values = values.ToLookup(fact => fact.Name, fact => fact.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>As VERSION() has it: <c>9.7.4-2</c>, <c>10.11.19-MariaDB-0+deb12u1</c>.</summary>
    public string VersionText => this["version"] ?? "";

    /// <summary>The numbers at the head of the text.</summary>
    public Version Version
    {
        get
        {
            var digits = VersionText.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.');
            return Version.TryParse(string.Concat(digits), out var version) ? version : new Version();
        }
    }

    /// <summary>The row that the admin login came in by.</summary>
    public AccountName CurrentUser => ParseAccount(this["current_user"] ?? "@");

    /// <summary>Where we come from, as the server sees it: an address, a name if it could resolve it, <c>localhost</c> on its socket.</summary>
    public string ClientHost => ParseAccount(this["client"] ?? "@").Host ?? "";

    public string ConnectionId => this["connection_id"] ?? "";

    /// <summary>Seconds of Unix time.</summary>
    public string Start => this["start"] ?? "";

    public bool IsReadOnly => IsOn("read_only") || IsOn("super_read_only");

    /// <summary>Active plugins or components that judge passwords.</summary>
    public IEnumerable<string> Validations => _values["validation"];

    /// <summary>False only where the server has told its authentication plugins, and this is none of them.</summary>
    public bool MayHavePlugin(string plugin) => !_values["authentication"].Any() || _values["authentication"].Contains(plugin, StringComparer.OrdinalIgnoreCase);

    /// <summary>A variable; null where the server has none of that name.</summary>
    public string? this[string name] => _values[name].FirstOrDefault();

    /// <summary>MariaDB has more words than ON and OFF from 12.0 on; all of them but OFF make the server read-only.</summary>
    public bool IsOn(string name) => this[name] is { } value and not ("OFF" or "0");

    /// <summary><c>user@host</c> as CURRENT_USER() writes it; a host has no at sign, a user may.</summary>
    /// <exception cref="WireException">It is something else.</exception>
    public static AccountName ParseAccount(string text)
    {
        var at = text.LastIndexOf('@');
        if (at < 0)
        {
            throw WireException.Violation("the server's name for the session's account is none");
        }

        return new AccountName(text[..at], text[(at + 1)..]);
    }
}
