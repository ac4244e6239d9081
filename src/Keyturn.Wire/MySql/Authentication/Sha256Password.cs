namespace Keyturn.Wire.MySql.Authentication;

/// <summary>sha256_password: the password itself, over TLS or under the server's RSA key.</summary>
/// <remarks>https://dev.mysql.com/doc/refman/9.7/en/sha256-pluggable-authentication.html</remarks>
internal static class Sha256Password
{
    public const byte RequestPublicKey = 0x01;
}
