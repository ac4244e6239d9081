using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Wire.MySql.Authentication;

/// <summary>
/// The password under the server's RSA key (OAEP with SHA-1), for full authentication without TLS: password and NUL, XOR the nonce.
/// Nobody vouches for the key, so that this keeps the password from listeners, not from whoever sits in between.
/// </summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html</remarks>
internal static class RsaPassword
{
    private const int MinKeyBits = 1024;
    private const int MaxKeyBits = 8192;
    private const int OaepOverhead = 42;

    /// <summary>Null where the password is longer than the key can carry.</summary>
    public static byte[]? Encrypt(ReadOnlySpan<byte> publicKeyPem, ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(Encoding.ASCII.GetString(publicKeyPem));
            var text = Xor.Of([.. password, 0], nonce);
            return key.KeySize is < MinKeyBits or > MaxKeyBits ? throw new CryptographicException()
                : text.Length + OaepOverhead > key.KeySize / 8 ? null
                : key.Encrypt(text, RSAEncryptionPadding.OaepSHA1);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            // Some numbers pass for a key until they are used.
            throw WireException.Violation("what the server sent is no RSA public key");
        }
    }
}
