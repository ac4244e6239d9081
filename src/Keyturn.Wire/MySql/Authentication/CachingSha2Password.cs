using System.Security.Cryptography;

namespace Keyturn.Wire.MySql.Authentication;

/// <summary>
/// caching_sha2_password. The scramble, SHA256(password) XOR SHA256(SHA256(SHA256(password)) + nonce), is enough where the server has the
/// account in its cache (fast path); else it wants the password itself (full path).
/// </summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html</remarks>
internal static class CachingSha2Password
{
    public const byte RequestPublicKey = 0x02;
    public const byte FastAuthSuccess = 0x03;
    public const byte PerformFullAuthentication = 0x04;

    public static byte[] Scramble(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce)
    {
        var once = SHA256.HashData(password);
        var mask = SHA256.HashData([.. SHA256.HashData(once), .. nonce]);
        return Xor.Of(once, mask);
    }
}
