using System.Globalization;

namespace Keyturn.Bench;

/// <summary>The command line, which is <c>script/bench</c>'s to write.</summary>
internal sealed record BenchArguments(string Program, string LabPath, string Folder, string Commit, int Rounds, TimeSpan Time, string? WriteTo, IReadOnlyList<string> Parts)
{
    public const string Usage = "usage: Keyturn.Bench KEYTURN LAB_JSON FOLDER COMMIT ROUNDS SECONDS WRITE_TO|- PART…";

    public static BenchArguments? Parse(string[] arguments) => arguments is [var program, var lab, var folder, var commit, var rounds, var seconds, var writeTo, .. var parts] && parts.Length > 0
        ? new BenchArguments(
            program, lab, folder, commit, int.Parse(rounds, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), writeTo == "-" ? null : writeTo, parts)
        : null;
}
