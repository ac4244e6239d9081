using System.Globalization;
using System.Text;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>
/// caching_sha2_password: <c>$A$</c>, thousands of rounds as three hex digits, <c>$</c>, 20 bytes of salt, 43 characters of SHA-256 crypt.
/// </summary>
/// <param name="rounds">The server's caching_sha2_password_digest_rounds. What is over a multiple of 1,000 (MariaDB) has no place in the text.</param>
internal sealed class CachingSha2Verifier(int rounds) : PasswordVerifier
{
    private const string Prefix = "$A$";
    private const int RoundsUnit = 1000;
    private const int DefaultRounds = 5000;
    private const int HeadLength = 7;
    private const int StoredLength = HeadLength + Salt.Length + Sha256Crypt.TextLength;

    /// <summary>With the server's own rounds.</summary>
    public static CachingSha2Verifier Of(ServerFacts server) => new(
        int.TryParse(server["caching_sha2_password_digest_rounds"], CultureInfo.InvariantCulture, out var rounds) ? rounds : DefaultRounds);

    public override string Make(string password) => Make(password, Salt.Next(), rounds / RoundsUnit);

    public override bool? Matches(string stored, string password)
    {
        if (stored.Length != StoredLength
            || !stored.StartsWith(Prefix, StringComparison.Ordinal)
            || !int.TryParse(stored.AsSpan(Prefix.Length, 3), NumberStyles.AllowHexSpecifier, provider: null, out var thousands))
        {
            return null;
        }

        return stored == Make(password, stored.Substring(HeadLength, Salt.Length), thousands);
    }

    private static string Make(string password, string salt, int thousands) =>
        $"{Prefix}{thousands:X3}${salt}{Sha256Crypt.Hash(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), thousands * RoundsUnit)}";
}
