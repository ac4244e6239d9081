namespace Keyturn.Passwords;

/// <summary>The rules of <see cref="PasswordPolicy.Problems"/>: a policy that keeps them can be generated for.</summary>
internal static class PolicyRules
{
    /// <summary>Code points. More than any of the engines is known to take at every place where a password passes.</summary>
    private const int LongestMaxLength = 1024;

    /// <summary>Characters. A shorter random password could be guessed from its stored hash.</summary>
    private const int ShortestGenerated = 12;

    /// <summary>Hexadecimal digits: four random bits a character.</summary>
    private const int SmallestAlphabet = 16;

    public static IEnumerable<Violation> Broken(PasswordPolicy policy) => [.. BrokenByLengths(policy), .. BrokenByClasses(policy)];

    private static IEnumerable<Violation> BrokenByLengths(PasswordPolicy policy)
    {
        if (policy.MinLength < 1)
        {
            yield return new("min-length", "The shortest length must be at least 1.");
        }

        if (policy.MaxLength < policy.MinLength || policy.MaxLength > LongestMaxLength)
        {
            yield return new("max-length", $"The longest length must be between the shortest ({policy.MinLength}) and {LongestMaxLength}.");
        }

        var shortest = Math.Max(policy.MinLength, ShortestGenerated);
        if (policy.GeneratedLength < shortest || policy.GeneratedLength > policy.MaxLength)
        {
            yield return new("generated-length", $"The length of generated passwords must be between {shortest} and the longest length ({policy.MaxLength}).");
        }
    }

    private static IEnumerable<Violation> BrokenByClasses(PasswordPolicy policy)
    {
        var generatedClasses = policy switch
        {
            { GeneratedAlphabet: not null } => 1,
            { Specials: "" } => 3,
            _ => 4,
        };
        if (policy.MinClasses < 0 || policy.MinClasses > generatedClasses)
        {
            yield return new("classes", $"The number of classes must be between 0 and {generatedClasses} (4 needs special characters to choose from).");
        }

        if (policy.GeneratedAlphabet is { } alphabet && (alphabet.Distinct().Count() < Math.Max(alphabet.Length, SmallestAlphabet) || !alphabet.All(c => c is > ' ' and <= '~')))
        {
            yield return new("generated-alphabet", $"The characters of generated passwords must be at least {SmallestAlphabet}, printable ASCII, each once, and not the space.");
        }

        var arePrintable = policy.Specials.All(c => c is > ' ' and <= '~' && !char.IsAsciiLetterOrDigit(c));
        if (!arePrintable || policy.Specials.Distinct().Count() < policy.Specials.Length)
        {
            yield return new("specials", "The special characters must be printable ASCII, each once, and neither letters, digits nor the space.");
        }
    }
}
