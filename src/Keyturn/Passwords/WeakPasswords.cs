using System.Buffers;
using System.Collections.Frozen;

namespace Keyturn.Passwords;

/// <summary>Knows common passwords and their usual disguises, and estimates how soon any other would be guessed.</summary>
internal static class WeakPasswords
{
    /// <summary>
    /// UTF-16 code units of each end that are judged: zxcvbn's time grows faster than the length (32 units take some ms, 256 took 700 ms).
    /// </summary>
    private const int JudgedEnd = 32;

    /// <summary>Characters around a common password that do not save it, as in <c>!Dragon2026</c>. More than these are judged by zxcvbn alone.</summary>
    private const int LongestDecoration = 6;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly Lazy<FrozenSet<string>> Common = new(ReadCommon);
    private static readonly Lazy<Zxcvbn.Zxcvbn> Estimator = new(() => new Zxcvbn.Zxcvbn());

    /// <summary>Whether somebody who knows <paramref name="accountName"/> would soon guess <paramref name="password"/>.</summary>
    /// <param name="password">It.</param>
    /// <param name="accountName">Whose.</param>
    /// <param name="minScore">zxcvbn's scale ends at 4; 2 are more than 10^6 guesses, 3 more than 10^8.</param>
    public static bool Contains(string password, string accountName, int minScore = 3) =>
        IsCommon(password) || Estimator.Value.EvaluatePassword(Ends(password), [accountName]).Score < minScore;

    // "P4$$word" is decorated nowhere, "$ummer2026" only at its end, "!Dragon2026" at both. Each end is walked once: a caller may send a megabyte.
    private static bool IsCommon(string password)
    {
        var letters = password.AsSpan();
        var end = letters.LastIndexOfAny(Letters) + 1;
        var start = Math.Max(0, letters.IndexOfAny(Letters));
        return IsCommon(password, 0..) || IsCommon(password, ..end) || IsCommon(password, start..end);
    }

    private static bool IsCommon(string password, Range core)
    {
        var (_, length) = core.GetOffsetAndLength(password.Length);
        return password.Length - length <= LongestDecoration && Common.Value.Contains(Fold(password[core]));
    }

    private static string Ends(string password) =>
        password.Length <= 2 * JudgedEnd ? password : string.Concat(password.AsSpan(0, JudgedEnd), password.AsSpan(password.Length - JudgedEnd));

    /// <summary>Brings a word and its disguises to one form: case is lost, and what looks alike becomes one letter.</summary>
    private static string Fold(string text) => string.Concat(text.Select(c => LookAlike(char.ToLowerInvariant(c))));

    private static char LookAlike(char c) => c switch
    {
        '4' or '@' => 'a',
        '8' => 'b',
        '3' => 'e',
        '6' or '9' => 'g',
        '1' or '!' or '|' or 'l' => 'i',
        '0' => 'o',
        '5' or '$' => 's',
        '7' or '+' => 't',
        '2' => 'z',
        _ => c,
    };

    private static FrozenSet<string> ReadCommon()
    {
        using var lines = new StreamReader(typeof(WeakPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        return lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Fold).ToFrozenSet(StringComparer.Ordinal);
    }
}
