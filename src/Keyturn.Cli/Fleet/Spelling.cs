namespace Keyturn.Cli.Fleet;

/// <summary>Finds the word that somebody meant.</summary>
internal static class Spelling
{
    /// <summary>The end of a sentence: a full stop, or the question whether the nearest of <paramref name="known"/> was meant.</summary>
    public static string DidYouMean(string word, IReadOnlyList<string> known)
    {
        var plain = Plain(word);
        var nearest = known.Select(candidate => (Word: candidate, Distance: Distance(plain, Plain(candidate)))).OrderBy(pair => pair.Distance).FirstOrDefault();
        return nearest.Word is not null && plain.Length <= 64 && nearest.Distance <= Math.Min(2, nearest.Word.Length / 3) ? $": did you mean {nearest.Word}?" : ".";
    }

    /// <summary>passwordFile, password-file and password_file are one word to whoever wrote them.</summary>
    private static string Plain(string word) => new([.. word.Take(100).Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);

    /// <summary>Levenshtein's: how many letters are to be put in, left out or replaced.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
