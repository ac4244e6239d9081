using System.Buffers;
using System.Text;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.Redis;

/// <summary>What names and passwords these servers can hold. All of it was tried on Redis 7.0 and Valkey 9.1.</summary>
internal static class RedisNames
{
    /// <summary>UTF-8 bytes. The servers have no limit of their own; an ACL file with a line of a megabyte helps nobody.</summary>
    public const int LongestName = 1024;

    /// <summary>UTF-8 bytes. The servers hang up on a longer argument before the login is done.</summary>
    public const int LongestPassword = 16 * 1024;

    // "Usernames can't contain spaces or null characters": isspace() of C and NUL.
    private static readonly SearchValues<char> NotInNames = SearchValues.Create("\0 \t\n\v\f\r");

    public static Failure? Check(AccountName account) => account switch
    {
        { Host: not null } or { AuthDatabase: not null } => Invalid("the name has neither a host nor a database"),
        { User: "" } => Invalid("the name is empty"),
        { User: var user } when user.AsSpan().ContainsAny(NotInNames) => Invalid("the name has a space, line break or NUL in it"),
        { User: var user } when !Fits(user, LongestName) => Invalid($"the name is longer than {LongestName} bytes, or no valid text"),
        _ => null,
    };

    /// <summary>
    /// The empty password is refused although the servers take it (and then let in whoever sends none), NUL although they take it
    /// too: no client of the field can be configured with it.
    /// </summary>
    public static Failure? Check(Secret password) => password.Reveal() switch
    {
        "" => Invalid("the password is empty"),
        var text when text.Contains('\0', StringComparison.Ordinal) => Invalid("the password has a NUL in it"),
        var text when !Fits(text, LongestPassword) => Invalid($"the password is longer than {LongestPassword} bytes, or no valid text"),
        _ => null,
    };

    /// <summary>A name as the servers' own command line client reads it.</summary>
    public static string Quote(string name) => name.AsSpan().ContainsAny('"', '\'', '\\')
        ? $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : name;

    // Half a surrogate pair has no UTF-8 form: it would not come back as it was.
    private static bool Fits(string text, int longest)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= longest && Encoding.UTF8.GetString(bytes) == text;
    }

    private static Failure Invalid(string why) => new(EngineError.InvalidName, $"On Redis and Valkey {why}.");
}
