using System.Text.Json;

namespace Keyturn.Engines.MySql;

/// <summary>The JSON of a row of MariaDB's mysql.global_priv.</summary>
/// <remarks>https://mariadb.com/kb/en/mysql-global_priv-table/</remarks>
internal sealed class GlobalPrivilege(JsonElement json)
{
    private const long SecondsPerDay = 24 * 60 * 60;

    public bool IsRole => Flag("is_role");

    public bool IsLocked => Flag("account_locked");

    /// <summary>Bits of the global privileges.</summary>
    public long Access => Number("access") ?? 0;

    public RequiredTls RequiredTls => Number("ssl_type") switch
    {
        null or 0 => RequiredTls.None,
        1 => RequiredTls.Any,
        _ => RequiredTls.Certificate,
    };

    /// <summary>
    /// The ways to authenticate, in the order they are tried. With alternatives, <c>auth_or</c> has all of them, an empty one standing for
    /// that of the outer object.
    /// </summary>
    public IEnumerable<(string Plugin, string Stored)> Methods()
    {
        var outer = Method(json);
        return json.TryGetProperty("auth_or", out var alternatives)
            ? alternatives.EnumerateArray().Select(alternative => alternative.TryGetProperty("plugin", out _) ? Method(alternative) : outer)
            : [outer];
    }

    /// <summary>PASSWORD EXPIRE writes 0 as the time of the last change; a lifetime of -1 is the server's, of 0 none.</summary>
    public bool IsPasswordExpired(long now, long defaultLifetime)
    {
        if (Number("password_last_changed") is not { } changed)
        {
            return false;
        }

        var days = Number("password_lifetime") is { } own and >= 0 ? own : defaultLifetime;
        return changed == 0 || (days > 0 && now > changed + (days * SecondsPerDay));
    }

    private static (string Plugin, string Stored) Method(JsonElement json) => (Text(json, "plugin"), Text(json, "authentication_string"));

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private bool Flag(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private long? Number(string name) => json.TryGetProperty(name, out var value) ? value.GetInt64() : null;
}
