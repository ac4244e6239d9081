using System.Security.Cryptography;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>Salts for MySQL's SHA-256 plugins.</summary>
internal static class Salt
{
    public const int Length = 20;

    /// <summary>
    /// Letters and digits: the server takes any bytes but NUL and the dollar sign, which parts the fields, but its own tools print them as
    /// they are. 119 bits of randomness.
    /// </summary>
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string Next() => RandomNumberGenerator.GetString(Alphabet, Length);
}
