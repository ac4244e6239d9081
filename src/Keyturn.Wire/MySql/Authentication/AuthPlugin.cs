namespace Keyturn.Wire.MySql.Authentication;

/// <summary>Names of the client sides of authentication plugins.</summary>
internal static class AuthPlugin
{
    public const string Native = "mysql_native_password";
    public const string CachingSha2 = "caching_sha2_password";
    public const string Sha256 = "sha256_password";
    public const string Ed25519 = "client_ed25519";
    public const string Parsec = "parsec";

    private const int LongestName = 64;

    /// <summary>A plugin's name as it came over the wire, made fit for a sentence.</summary>
    public static string NameOf(string plugin) =>
        plugin.Length <= LongestName && plugin.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-') ? plugin : "a method with an impossible name";
}
