using System.Security.Cryptography;
using System.Text;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>The key of the HMAC, made of the SK.</summary>
internal static class SigningKey
{
    private const int DerivedLength = 32;

    public static byte[] Of(SignatureHeader signature, Secret secretKey) => signature.Layout switch
    {
        SignatureLayout.Access => Encoding.UTF8.GetBytes(secretKey.Reveal()),
        SignatureLayout.Credential => Chained(signature.Scope!, secretKey),
        SignatureLayout.Derived => Derived(signature, secretKey),
        _ => throw new ArgumentOutOfRangeException(nameof(signature), signature.Layout, message: null),
    };

    private static byte[] Chained(SigningScope scope, Secret secretKey) =>
        new[] { scope.Date, scope.Region, scope.Service, "sdk_request" }
            .Aggregate(Encoding.UTF8.GetBytes("SDK" + secretKey.Reveal()), (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));

    /// <summary>HKDF (RFC 5869); its result is the key as hexadecimal text.</summary>
    private static byte[] Derived(SignatureHeader signature, Secret secretKey)
    {
        var (key, salt, info) = (Encoding.UTF8.GetBytes(secretKey.Reveal()), Encoding.UTF8.GetBytes(signature.AccessKey), Encoding.UTF8.GetBytes(signature.Scope!.Text));
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, DerivedLength, salt, info)));
    }
}
