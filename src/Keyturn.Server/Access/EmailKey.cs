using System.Buffers.Text;
using System.Security.Cryptography;
using Keyturn.Passwords;

namespace Keyturn.Server.Access;

/// <summary>
/// API keys that go with an e-mail address (HTTP Basic, clients of Upstash): <c>kte_</c> and 32 random bytes in base64url. Random, so that a
/// plain hash is enough; see <see cref="ApiToken"/>.
/// </summary>
internal static class EmailKey
{
    private const string Prefix = "kte_";
    private const int Length = 32;

    /// <summary>A new key.</summary>
    public static Secret Generate() => new(Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length)));

    /// <summary>What the store keeps of <paramref name="key"/>.</summary>
    public static byte[] Hash(Secret key) => ApiToken.Hash(key);
}
