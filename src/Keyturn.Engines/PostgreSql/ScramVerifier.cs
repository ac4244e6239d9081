using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Wire.Sasl;

namespace Keyturn.Engines.PostgreSql;

/// <summary>
/// The text that <c>pg_authid.rolpassword</c> holds of a password: <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>.
/// </summary>
/// <remarks>The server takes a malformed one for a plain password and hashes it without a word, so that it is made in this one place.</remarks>
internal static class ScramVerifier
{
    private const string Scheme = "SCRAM-SHA-256";
    private const int DefaultIterations = 4096;
    private const int SaltLength = 16;

    /// <summary>Keys with a salt of their own, at the server's own default cost.</summary>
    public static ScramKeys NewKeys(string password) =>
        ScramKeys.Derive(SaslPrep.PrepareOrKeep(password), RandomNumberGenerator.GetBytes(SaltLength), DefaultIterations);

    /// <summary>The text for the server.</summary>
    public static string Format(ScramKeys keys) =>
        $"{Scheme}${keys.Iterations}:{Convert.ToBase64String(keys.Salt)}${Convert.ToBase64String(keys.StoredKey)}:{Convert.ToBase64String(keys.ServerKey)}";

    /// <summary>Whether a stored text is this password's; null where it is no SCRAM verifier.</summary>
    public static bool? Matches(string stored, string password) =>
        TryParse(stored, out var iterations, out var salt)
            ? IsSame(stored, Format(ScramKeys.Derive(SaslPrep.PrepareOrKeep(password), salt, iterations)))
            : null;

    /// <summary>Compares stored verifiers in constant time.</summary>
    public static bool IsSame(string stored, string computed) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), Encoding.UTF8.GetBytes(computed));

    private static bool TryParse(string stored, out int iterations, out byte[] salt)
    {
        iterations = 0;
        salt = [];
        var parts = stored.Split('$', ':');
        if (parts is not [Scheme, var rounds, var saltText, _, _]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            || iterations is < 1 or > ScramClient.MostIterations)
        {
            return false;
        }

        var buffer = new byte[saltText.Length];
        var isBase64 = Convert.TryFromBase64String(saltText, buffer, out var length);
        salt = buffer[..length];
        return isBase64;
    }
}
