namespace Keyturn.Engines.PostgreSql;

/// <summary>Names and texts for statements that take no parameters. Whatever the text, it stays one token.</summary>
internal static class SqlQuoting
{
    /// <summary>A name in quotes.</summary>
    public static string Identifier(string name) => $"\"{WithoutNul(name).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text in quotes, read alike whatever <c>standard_conforming_strings</c> is.</summary>
    public static string Literal(string text)
    {
        var quoted = WithoutNul(text).Replace("'", "''", StringComparison.Ordinal);
        return quoted.Contains('\\') ? $" E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'" : $"'{quoted}'";
    }

    private static string WithoutNul(string text) =>
        text.Contains('\0') ? throw new ArgumentException("a NUL would end the statement", nameof(text)) : text;
}
