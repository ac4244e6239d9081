namespace Keyturn.Access.Policies;

/// <summary>A text in which <c>*</c> stands for any characters, also none, and <c>?</c> for one. Letter case does not matter.</summary>
/// <param name="Pattern">The text.</param>
public sealed record Wildcard(string Pattern)
{
    /// <summary>Whether it is about every text.</summary>
    public bool IsAll => Pattern.Length > 0 && Pattern.All(c => c == '*');

    /// <summary>Whether <paramref name="text"/> is one that it stands for. The time is bounded by the product of the two lengths.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        var pattern = Pattern.AsSpan();
        var (at, next) = (0, 0);
        var (star, resume) = (-1, 0);
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '*')
            {
                (star, resume) = (next++, at);
            }
            else if (next < pattern.Length && IsSame(pattern[next], text[at]))
            {
                (at, next) = (at + 1, next + 1);
            }
            else if (star >= 0)
            {
                // The last star takes one character more, and what follows it is tried again.
                (at, next) = (++resume, star + 1);
            }
            else
            {
                return false;
            }
        }

        return pattern[next..].TrimStart('*').IsEmpty;
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    private static bool IsSame(char pattern, char text) => pattern == '?' || char.ToLowerInvariant(pattern) == char.ToLowerInvariant(text);
}
