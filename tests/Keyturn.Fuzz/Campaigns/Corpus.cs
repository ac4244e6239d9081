namespace Keyturn.Fuzz.Campaigns;

/// <summary>Inputs to begin with: <c>corpus/&lt;target&gt;/</c> beside the program, from specifications, golden tests, and what was found.</summary>
internal static class Corpus
{
    public static IReadOnlyList<string> FilesOf(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "corpus", target);
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)] : [];
    }
}
