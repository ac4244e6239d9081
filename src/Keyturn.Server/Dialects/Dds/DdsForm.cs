using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>What names and passwords look like in DDS's documentation.</summary>
internal static class DdsForm
{
    /// <summary>The account that a call means which names none, where the instance does not say otherwise.</summary>
    public const string DefaultUser = "rwuser";

    private const int LongestName = 64;

    /// <summary>8 to 32 characters, all of the four kinds, no others.</summary>
    public static readonly PasswordPolicy NewPassword = new()
    {
        MinLength = 8,
        MaxLength = 32,
        MinClasses = 4,
        Specials = "~!@#%^*-_=+?",
        OnlyAllowedSpecials = true,
        // Short ones score low on zxcvbn's scale: the documents' samples (Test_345612) get 1 or 2. Common words in any disguise are refused all the same.
        MinScore = 1,
    };

    /// <summary>A password to be checked may be a bad one: it only has to look like one.</summary>
    public static readonly PasswordPolicy CheckedPassword = NewPassword with { RefuseName = false, RefuseWeak = false };

    /// <summary>Says whether somebody would soon guess a password, and nothing else.</summary>
    private static readonly PasswordPolicy AnyPassword = new() { MinLength = 0, MaxLength = int.MaxValue, MinClasses = 0, RefuseName = false, MinScore = NewPassword.MinScore };

    /// <summary>The account that a body means; null where it cannot be one. Hyphens in the database's name, and <c>_</c> in the user's, are more than the documentation has.</summary>
    public static AccountName? Account(Instance instance, string? user, string? database)
    {
        var main = instance.MainAccount ?? new AccountName(DefaultUser);
        return (user is null || IsName(user, "-._")) && (database is null || IsName(database, "-_"))
            ? new AccountName(user ?? main.User, Host: null, database ?? (user is null ? main.AuthDatabase : null))
            : null;
    }

    /// <summary>The code for a password that breaks rules; null where it breaks none.</summary>
    public static DdsError? Fault(IReadOnlyList<Violation> violations) => violations.Select(violation => violation.Rule).ToHashSet(StringComparer.Ordinal) switch
    {
        { Count: 0 } => null,
        var rules when rules.Overlaps(["specials", "control-characters", "well-formed"]) => DdsError.PasswordCharacters,
        var rules when rules.IsSubsetOf(["weak", "equals-name", "reversed-name"]) => DdsError.WeakPassword,
        _ => DdsError.Password,
    };

    public static bool IsWeak(Secret password) => AnyPassword.Check(password, new AccountName("")).Any(violation => violation.Rule == "weak");

    private static bool IsName(string text, string alsoAllowed) =>
        text.Length is > 0 and <= LongestName && text.All(c => char.IsAsciiLetterOrDigit(c) || alsoAllowed.Contains(c, StringComparison.Ordinal));
}
