using Keyturn.Access;
using Keyturn.Access.Policies;

namespace Keyturn.Tests.Access.Policies;

/// <summary>docs/access.md shows the table of actions and the operators as the program has them. <c>KEYTURN_WRITE_DOCS=1</c> writes them there.</summary>
public sealed class AccessDocumentTests
{
    private static readonly Dictionary<string, Func<IEnumerable<string>>> Parts = new(StringComparer.Ordinal)
    {
        ["actions"] = Actions,
        ["operators"] = () => [string.Join(", ", ConditionOperator.Names.Select(Code))],
        ["keys"] = () => [string.Join(", ", ConditionKeys.Names.Append(ConditionKeys.ResourceTag + "NAME").Select(Code))],
        ["keys without a value"] = () => [string.Join(", ", new[] { ConditionKeys.MfaAge, ConditionKeys.RequestTag + "NAME", ConditionKeys.TagKeys }.Where(ConditionKeys.IsWithoutValue).Select(Code))],
    };

    public static TheoryData<string> Names => [.. Parts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Document_ShowsWhatTheProgramHas(string part)
    {
        var path = PathOfDocument();
        var text = (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n");
        var (begin, end) = ($"<!-- {part}, written by a test -->\n", $"<!-- end of {part} -->");
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        from.ShouldBeGreaterThan(begin.Length);
        var wanted = $"\n{string.Join('\n', Parts[part]())}\n\n";
        if (Environment.GetEnvironmentVariable("KEYTURN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, text[..from] + wanted + text[to..]);
            return;
        }

        text[from..to].ShouldBe(wanted, "run this test once with KEYTURN_WRITE_DOCS=1");
    }

    private static IEnumerable<string> Actions()
    {
        yield return "| here | GaussDB | DDM | DDS | DigitalOcean's scopes | Upstash's keys |";
        yield return "|---|---|---|---|---|---|";
        foreach (var action in KeyturnAction.All)
        {
            var scopes = Scopes.DigitalOcean.Where(scope => scope.Value.Contains(action)).Select(scope => Code(scope.Key));
            yield return $"| {Code(action)} | {Of("gaussdbformysql", action)} | {Of("ddm", action)} | {Of("dds", action)} | {string.Join(", ", scopes)} | {Scopes.Upstash.GetValueOrDefault(action)} |";
        }
    }

    /// <summary>Names of version 5.0, and in brackets those of version 1.1.</summary>
    private static string Of(string service, string action) => string.Join("<br>", ProviderAction.All
        .Where(row => row.Service == service && row.Action == action)
        .Select(row => $"{Code(row.Name)} ({string.Join(", ", row.Aliases.Select(Code))})"));

    private static string Code(string text) => $"`{text}`";

    /// <summary>From the program's folder, tests/NAME/bin/CONFIGURATION/FRAMEWORK: a build for release knows no paths of sources.</summary>
    private static string PathOfDocument() => Path.Combine(AppContext.BaseDirectory, "../../../../../docs/access.md");
}
