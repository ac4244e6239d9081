using System.Buffers;
using System.Text;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MongoDb;
using Keyturn.Wire.Sasl;

namespace Keyturn.Engines.MongoDb;

/// <summary>What names and passwords MongoDB can hold, and the database that a name means which has none.</summary>
internal static class MongoDbNames
{
    /// <summary>The database of accounts that name none, as everybody's connection strings have it. <see cref="AccountName"/> leaves it out.</summary>
    public const string DefaultDatabase = AccountName.DefaultAuthDatabase;

    /// <summary>
    /// UTF-8 bytes. Up to MongoDB 4.0 an index held keys of less than 1024 bytes, and the account's key is its database and its name.
    /// </summary>
    public const int LongestUser = 512;

    /// <summary>UTF-8 bytes: "fewer than 64 characters" and bytes.</summary>
    public const int LongestDatabase = 63;

    /// <summary>UTF-8 bytes. A password longer than this helps nobody.</summary>
    public const int LongestPassword = 16 * 1024;

    // Not allowed on any operating system that servers run on; the dot parts the database from the name in an account's key.
    private static readonly SearchValues<char> NotInDatabases = SearchValues.Create("\0/\\. \"$*<>:|?");

    public static Failure? Check(AccountName account) => account switch
    {
        { Host: not null } => Invalid("the name has no host"),
        { AuthDatabase: "$external" } => new Failure(EngineError.AccountHasNoPassword, "Accounts of $external prove themselves elsewhere: MongoDB has no password of theirs."),
        { AuthDatabase: { } database } when database.AsSpan().ContainsAny(NotInDatabases) || !Fits(database, LongestDatabase) =>
            Invalid($"the authentication database has 1 to {LongestDatabase} bytes and none of / \\ . \" $ * < > : | ? or space"),
        { User: var user } when user.Contains('\0') || !Fits(user, LongestUser) => Invalid($"the name has 1 to {LongestUser} bytes of UTF-8 without NUL"),
        _ => null,
    };

    /// <summary>Of a password that is tried.</summary>
    public static Failure? Check(Secret password) => password.Reveal() switch
    {
        var text when text.Contains('\0') || !Fits(text, LongestPassword) => Invalid($"the password has 1 to {LongestPassword} bytes of UTF-8 without NUL"),
        _ => null,
    };

    /// <summary>
    /// Of a password that is set. The server prepares it (SASLprep) and refuses what the profile prohibits; clients differ in what they make of
    /// characters that Unicode 3.2 did not have, so that one with them could be right in one and wrong in another.
    /// </summary>
    public static Failure? CheckNew(Secret password) => Check(password)
        ?? (SaslPrep.TryPrepare(password.Reveal(), out _) ? null : Invalid("the password has control characters, or others that SASLprep (RFC 4013) prohibits"));

    public static string DatabaseOf(AccountName account) => account.AuthDatabase ?? DefaultDatabase;

    public static AccountName NameOf(string user, string database) => new(user, Host: null, database);

    public static MongoDbCredential ToWire(this Credential credential) =>
        new(credential.Account.User, DatabaseOf(credential.Account), credential.Password.Reveal());

    // Half a surrogate pair has no UTF-8 form: it would not come back as it was.
    private static bool Fits(string text, int longest)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length > 0 && bytes.Length <= longest && Encoding.UTF8.GetString(bytes) == text;
    }

    private static Failure Invalid(string why) => new(EngineError.InvalidName, $"On MongoDB {why}.");
}
