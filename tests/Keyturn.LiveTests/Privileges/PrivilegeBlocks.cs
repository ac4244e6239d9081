using System.Globalization;
using System.Text.RegularExpressions;
using Keyturn.Engines;

namespace Keyturn.LiveTests.Privileges;

/// <summary>The blocks of docs/privileges.md: what a login is granted for something, on a server of some version.</summary>
internal static partial class PrivilegeBlocks
{
    private static readonly Lazy<List<(string Product, int Since, string Capability, string[] Lines)>> All = new(() =>
    [
        .. from match in Block().Matches(File.ReadAllText(Path.Combine(Lab.Repository, "docs", "privileges.md")))
           let since = match.Groups["since"] is { Success: true, Value: var version } ? int.Parse(version, CultureInfo.InvariantCulture) : 0
           select (match.Groups["product"].Value, since, match.Groups["capability"].Value, match.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
    ]);

    /// <summary>How many there are.</summary>
    public static int Count => All.Value.Count;

    /// <summary>The statements of the newest block that the server's version has reached; none where the page has no block, and so says that nothing is needed.</summary>
    public static IReadOnlyList<string> Find(LabServer server, Capability capability)
    {
        var product = server.Engine == "valkey" ? "redis" : server.Engine;
        var major = int.Parse(server.Version.Split('.')[0], CultureInfo.InvariantCulture);
        return All.Value.Where(block => block.Product == product && block.Since <= major && block.Capability.Equals(capability.ToString(), StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(block => block.Since).FirstOrDefault().Lines ?? [];
    }

    /// <summary>
    /// The statements without one right, for each that they give: a statement, one of several privileges or columns, a command of an ACL.
    /// </summary>
    public static IEnumerable<(string Left, IReadOnlyList<string> Others)> WithoutEach(IReadOnlyList<string> statements) =>
        from statement in statements.Index()
        from change in PartsOf(statement.Item)
        select (change.Left, (IReadOnlyList<string>)[.. statements.Take(statement.Index), .. change.Remaining is null ? (string[])[] : [change.Remaining], .. statements.Skip(statement.Index + 1)]);

    private static IEnumerable<(string Left, string? Remaining)> PartsOf(string statement)
    {
        if (statement.StartsWith("ACL ", StringComparison.Ordinal))
        {
            return statement.Split(' ').Where(word => word[0] == '+').Select(word => (word, (string?)statement.Replace($" {word}", "", StringComparison.Ordinal)));
        }

        // Columns in parentheses, or privileges up to ON, or roles up to TO.
        var list = Columns().Match(statement) is { Success: true } columns ? columns : Privileges().Match(statement);
        var parts = list.Groups["list"].Value.Split(", ");
        return parts.Length < 2
            ? [(statement, null)]
            : parts.Select(part => (part, (string?)$"{statement[..list.Groups["list"].Index]}{string.Join(", ", parts.Except([part]))}{statement[(list.Groups["list"].Index + list.Groups["list"].Length)..]}"));
    }

    [GeneratedRegex(@"^```\w+ (?<product>[a-z]+)(-(?<since>\d+))? (?<capability>[a-z]+)\n(?<lines>.*?)^```$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\((?<list>[^)]+)\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Columns();

    [GeneratedRegex(@"^GRANT (?<list>.+?) (ON|TO) ", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Privileges();
}
