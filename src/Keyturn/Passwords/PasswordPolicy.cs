using System.Text.Json.Serialization;
using Keyturn.Instances;

namespace Keyturn.Passwords;

/// <summary>What a password must be. Lengths count Unicode code points.</summary>
public sealed record PasswordPolicy
{
    /// <summary>32 generated characters; 12 to 128 given ones, three of four classes, not weak, not the name.</summary>
    public static readonly PasswordPolicy Default = new();

    /// <summary>Shortest that is accepted.</summary>
    public int MinLength { get; init; } = 12;

    /// <summary>Longest that is accepted.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>How many of the four classes (lower, upper, digit, special) must occur.</summary>
    public int MinClasses { get; init; } = 3;

    /// <summary>The special characters that generated passwords use and, with <see cref="OnlyAllowedSpecials"/>, the only ones given ones may.</summary>
    public string Specials { get; init; } = "-_.~!*+";

    /// <summary>Refuse given passwords with any other character than ASCII letters, digits and <see cref="Specials"/>.</summary>
    public bool OnlyAllowedSpecials { get; init; }

    /// <summary>Refuse the account's name and its reverse, in any case.</summary>
    public bool RefuseName { get; init; } = true;

    /// <summary>Refuse common and easily guessed passwords.</summary>
    public bool RefuseWeak { get; init; } = true;

    /// <summary>
    /// zxcvbn's score, 0 to 4, from which a password is not easily guessed. A door's own policy may ask for less, where the provider takes what it
    /// would refuse; an instance's policy has no such member.
    /// </summary>
    [JsonIgnore]
    public int MinScore { get; init; } = 3;

    /// <summary>Length of generated passwords.</summary>
    public int GeneratedLength { get; init; } = 32;

    /// <summary>What generated passwords are drawn from, where a door has its own form (Upstash: hexadecimal digits); null for all classes.</summary>
    public string? GeneratedAlphabet { get; init; }

    /// <summary>The rules that <paramref name="password"/> breaks as a password of <paramref name="account"/>; empty when it is good.</summary>
    public IReadOnlyList<Violation> Check(Secret password, AccountName account) => [.. PasswordRules.Broken(this, password.Reveal(), account.User)];

    /// <summary>What makes this policy itself impossible or ambiguous, by the rule that is set wrong; empty when it can be used.</summary>
    public IReadOnlyList<Violation> Problems() => [.. PolicyRules.Broken(this)];
}
