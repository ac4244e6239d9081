namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>What one authentication plugin stores of a password, computed here in the server's exact text form.</summary>
internal abstract class PasswordVerifier
{
    /// <summary>The stored form of <paramref name="password"/>: ASCII without quote or backslash, fresh salt where the plugin salts.</summary>
    public abstract string Make(string password);

    /// <summary>Whether <paramref name="stored"/> is this password's; null where it is no verifier of this plugin.</summary>
    public abstract bool? Matches(string stored, string password);
}
