using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Keyturn.Storage.Tables;

/// <summary>One version of a schema.</summary>
/// <param name="Number">Which.</param>
/// <param name="Text">What makes it of the version before.</param>
internal sealed record MigrationScript(int Number, string Text)
{
    /// <summary>
    /// The oldest program, by the latest script that it knows, that can work on this version. A script that takes something away or changes
    /// its meaning says so in a first line, <c>-- oldest program: N</c>; the others leave older programs running.
    /// </summary>
    public int OldestProgram { get; } = Regex.Match(Text, @"\A-- oldest program: (\d+)") is { Success: true } match
        ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
        : 1;
}

/// <summary>The scripts of one database, which are part of the program.</summary>
/// <param name="folder">Where they are, with a slash at the end.</param>
internal sealed class MigrationScripts(string folder)
{
    private static readonly Assembly Program = typeof(MigrationScripts).Assembly;

    private readonly IReadOnlyList<MigrationScript> _all =
    [
        .. Program.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new MigrationScript(int.Parse(name.AsSpan(folder.Length, 4), CultureInfo.InvariantCulture), Read(name))),
    ];

    /// <summary>The latest version that this program knows.</summary>
    public int Latest => _all[^1].Number;

    /// <summary>What makes the latest version of an earlier one.</summary>
    public IEnumerable<MigrationScript> After(long version) => _all.Where(script => script.Number > version);

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Program.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
