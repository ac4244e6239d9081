using System.Numerics;
using System.Text;

namespace Keyturn.Passwords;

/// <summary>The rules of <see cref="PasswordPolicy.Check"/>, each under its stable name.</summary>
internal static class PasswordRules
{
    public static IEnumerable<Violation> Broken(PasswordPolicy policy, string password, string accountName) =>
        [.. BrokenByLength(policy, password), .. BrokenByCharacters(policy, password), .. BrokenByMeaning(policy, password, accountName)];

    private static IEnumerable<Violation> BrokenByLength(PasswordPolicy policy, string password)
    {
        var length = password.EnumerateRunes().Count();
        if (length < policy.MinLength)
        {
            yield return new("min-length", $"The password must have at least {policy.MinLength} characters.");
        }

        if (length > policy.MaxLength)
        {
            yield return new("max-length", $"The password must have at most {policy.MaxLength} characters.");
        }
    }

    private static IEnumerable<Violation> BrokenByCharacters(PasswordPolicy policy, string password)
    {
        if (BitOperations.PopCount((uint)CharacterClass.In(password)) < policy.MinClasses)
        {
            yield return new("classes", $"The password must have {policy.MinClasses} of: lower-case letters, upper-case letters, digits, other characters.");
        }

        if (policy.OnlyAllowedSpecials && !password.All(c => char.IsAsciiLetterOrDigit(c) || policy.Specials.Contains(c, StringComparison.Ordinal)))
        {
            yield return new("specials", $"The password may only have ASCII letters, digits and: {policy.Specials}");
        }

        if (password.Any(char.IsControl))
        {
            yield return new("control-characters", "The password must not have NUL, line breaks or other control characters.");
        }

        if (!IsWellFormed(password))
        {
            yield return new("well-formed", "The password must be valid Unicode text.");
        }
    }

    private static IEnumerable<Violation> BrokenByMeaning(PasswordPolicy policy, string password, string accountName)
    {
        if (policy.RefuseName && password.Equals(accountName, StringComparison.OrdinalIgnoreCase))
        {
            yield return new("equals-name", "The password must not be the account's name.");
        }

        if (policy.RefuseName && password.Equals(Reversed(accountName), StringComparison.OrdinalIgnoreCase))
        {
            yield return new("reversed-name", "The password must not be the account's name reversed.");
        }

        if (policy.RefuseWeak && WeakPasswords.Contains(password, accountName, policy.MinScore))
        {
            yield return new("weak", "The password is common or easily guessed.");
        }
    }

    // Half a surrogate pair has no UTF-8 form: it would be sent as U+FFFD, which is another password.
    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i += Rune.GetRuneAt(text, i).Utf16SequenceLength)
        {
            if (!Rune.TryGetRuneAt(text, i, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static string Reversed(string text) => string.Concat(text.EnumerateRunes().Reverse());
}
