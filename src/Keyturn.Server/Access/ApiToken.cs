using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Passwords;

namespace Keyturn.Server.Access;

/// <summary>
/// Bearer tokens: <c>kt_</c> and 32 random bytes in base64url. The store has their SHA-256 only: of 256 random bits, a plain hash cannot be
/// guessed back, and looking it up compares nothing that an attacker could time.
/// </summary>
public static class ApiToken
{
    private const string Prefix = "kt_";
    private const int Length = 32;

    /// <summary>A new token.</summary>
    public static Secret Generate() => new(Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length)));

    /// <summary>What the store keeps of <paramref name="token"/>. Any text may be a token: DigitalOcean's clients bring their own prefixes.</summary>
    public static byte[] Hash(Secret token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal()));
}
