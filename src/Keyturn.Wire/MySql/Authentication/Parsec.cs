using System.Security.Cryptography;
using Keyturn.Wire.MySql.Ed25519;

namespace Keyturn.Wire.MySql.Authentication;

/// <summary>
/// MariaDB's parsec. The server sends its scramble; an empty packet asks it for the account's extended salt, which names the derivation of
/// an Ed25519 key; the answer is a scramble of the client's and the signature of both.
/// </summary>
/// <remarks>https://mariadb.com/docs/server/reference/plugins/authentication-plugins/authentication-plugin-parsec</remarks>
public static class Parsec
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltLength = 18;

    /// <summary>The largest exponent that servers and clients take: 1,024 times 2³ rounds.</summary>
    public const int MaxExponent = 3;

    internal const int ScrambleLength = 32;

    /// <summary>"P" for PBKDF2: with what the extended salt begins.</summary>
    internal const byte Pbkdf2 = (byte)'P';

    private const int LeastRounds = 1024;

    /// <summary>The key of <paramref name="password"/>: Ed25519 as RFC 8032 has it, of 32 bytes from PBKDF2 with 1,024 times 2^<paramref name="exponent"/> rounds of HMAC-SHA-512.</summary>
    public static Ed25519Key Key(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int exponent) =>
        new(Rfc2898DeriveBytes.Pbkdf2(password, salt, LeastRounds << exponent, HashAlgorithmName.SHA512, Ed25519Key.SeedLength));

    /// <summary>The answer to a scramble and an extended salt; null where that names another derivation.</summary>
    internal static byte[]? Answer(ReadOnlySpan<byte> password, ReadOnlySpan<byte> scramble, ReadOnlySpan<byte> extendedSalt)
    {
        if (extendedSalt is not [Pbkdf2, <= MaxExponent and var exponent, .. { Length: SaltLength } salt])
        {
            return null;
        }

        var own = RandomNumberGenerator.GetBytes(ScrambleLength);
        return [.. own, .. Key(password, salt, exponent).Sign([.. scramble, .. own])];
    }
}
