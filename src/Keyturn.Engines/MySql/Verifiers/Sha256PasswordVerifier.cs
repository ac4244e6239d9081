using System.Text;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>sha256_password: <c>$5$</c>, 20 bytes of salt, <c>$</c>, 43 characters of SHA-256 crypt of 5,000 rounds.</summary>
internal sealed class Sha256PasswordVerifier : PasswordVerifier
{
    private const string Prefix = "$5$";
    private const int Rounds = 5000;
    private const int StoredLength = 24 + Sha256Crypt.TextLength;

    public override string Make(string password) => Make(password, Salt.Next());

    public override bool? Matches(string stored, string password) =>
        stored.Length == StoredLength && stored.StartsWith(Prefix, StringComparison.Ordinal)
            ? stored == Make(password, stored.Substring(Prefix.Length, Salt.Length))
            : null;

    private static string Make(string password, string salt) =>
        $"{Prefix}{salt}${Sha256Crypt.Hash(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), Rounds)}";
}
