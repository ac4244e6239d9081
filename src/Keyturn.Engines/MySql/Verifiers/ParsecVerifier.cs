using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Keyturn.Wire.MySql.Authentication;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>
/// MariaDB's parsec: <c>P</c>, the exponent of the rounds as a digit, a colon, the salt in Base64, a colon, the public key in Base64
/// without its padding.
/// </summary>
internal sealed partial class ParsecVerifier : PasswordVerifier
{
    /// <summary>1,024 rounds, as the server makes its own.</summary>
    private const int Exponent = 0;

    private const int KeyTextLength = 43;

    public override string Make(string password) => Make(password, RandomNumberGenerator.GetBytes(Parsec.SaltLength), Exponent);

    public override bool? Matches(string stored, string password) => Stored().Match(stored) is { Success: true } match
        ? stored == Make(password, Convert.FromBase64String(match.Groups["salt"].Value), int.Parse(match.Groups["exponent"].ValueSpan, CultureInfo.InvariantCulture))
        : null;

    private static string Make(string password, byte[] salt, int exponent)
    {
        var key = Parsec.Key(Encoding.UTF8.GetBytes(password), salt, exponent).PublicKey;
        return $"P{exponent}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(key)[..KeyTextLength]}";
    }

    /// <summary>24 characters of Base64 are 18 bytes, without padding.</summary>
    [GeneratedRegex("^P(?<exponent>[0-3]):(?<salt>[A-Za-z0-9+/]{24}):[A-Za-z0-9+/]{43}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stored();
}
