using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Quotes what comes from outside for a statement. The session speaks utf8mb4, in which no character hides a quote.</summary>
internal static class SqlText
{
    /// <summary>An identifier in backquotes, in which a backslash means nothing in any sql_mode.</summary>
    public static string Identifier(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary><c>`user`@`host`</c>. An account of all rows has no such form.</summary>
    public static string Account(AccountName row) =>
        $"{Identifier(row.User)}@{Identifier(row.Host ?? throw new ArgumentException("not a single row", nameof(row)))}";

    /// <summary>A string literal, as the session's present sql_mode reads it.</summary>
    public static string Literal(string text, StatusFlags session)
    {
        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return session.HasFlag(StatusFlags.NoBackslashEscapes) ? $"'{quoted}'" : $"'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'";
    }
}
