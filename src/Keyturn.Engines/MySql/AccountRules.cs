using System.Text;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.MySql;

/// <summary>What the servers can hold as a name or a password.</summary>
/// <param name="longestUser">In characters: 32 on MySQL, 128 on MariaDB.</param>
internal sealed class AccountRules(int longestUser)
{
    private const int LongestHost = 255;

    /// <summary>Longer ones are refused by MySQL's SHA-256 plugins.</summary>
    private const int LongestPassword = 256;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Why the name cannot be one; null when it can.</summary>
    public Failure? Validate(AccountName account)
    {
        if (account.AuthDatabase is not null)
        {
            return Invalid("Accounts have no authentication database here.");
        }

        return ValidateName("user", account.User, longestUser) ?? (account.Host is { } host ? ValidateName("host", host, LongestHost) : null);
    }

    /// <summary>Why the password cannot be one; null when it can.</summary>
    public static Failure? Validate(Secret password)
    {
        var text = password.Reveal();
        return text switch
        {
            "" => Invalid("A password cannot be empty."),
            _ when text.Contains('\0', StringComparison.Ordinal) => Invalid("A password cannot hold NUL."),
            _ => LengthOf(text) switch
            {
                null => Invalid("The password is no Unicode text."),
                > LongestPassword => Invalid($"A password can have {LongestPassword} bytes of UTF-8."),
                _ => null,
            },
        };
    }

    /// <summary>
    /// The account tables hold three-byte UTF-8 only. Both servers take a name with a longer character, and make an account
    /// named with a question mark of it (seen on MySQL 9.7 and MariaDB 10.11).
    /// </summary>
    private static Failure? ValidateName(string part, string name, int longest) => name switch
    {
        "" => Invalid($"An account's {part} cannot be empty."),
        _ when name.Length > longest => Invalid($"An account's {part} can have {longest} characters."),
        _ when name.Contains('\0', StringComparison.Ordinal) => Invalid($"An account's {part} cannot hold NUL."),
        _ when name.Any(char.IsSurrogate) => Invalid($"An account's {part} cannot hold characters beyond U+FFFF."),
        _ when name[^1] == ' ' => Invalid($"An account's {part} cannot end with a space, which the server does not tell from none."),
        _ => null,
    };

    private static int? LengthOf(string text)
    {
        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    private static Failure Invalid(string sentence) => new(EngineError.InvalidName, sentence);
}
