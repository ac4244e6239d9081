using System.Security.Cryptography;

namespace Keyturn.Wire.MySql.Authentication;

/// <summary>mysql_native_password: SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password))).</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html</remarks>
internal static class NativePassword
{
    public const int NonceLength = 20;

#pragma warning disable CA5350 // SHA-1 is what the protocol says.
    public static byte[] Scramble(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce)
    {
        var once = SHA1.HashData(password);
        var mask = SHA1.HashData([.. nonce, .. SHA1.HashData(once)]);
        return Xor.Of(once, mask);
    }
#pragma warning restore CA5350
}
