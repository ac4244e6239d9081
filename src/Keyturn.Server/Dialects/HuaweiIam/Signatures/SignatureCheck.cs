using System.Security.Cryptography;
using System.Text;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>Whether a signature is what the SK makes of the request.</summary>
internal static class SignatureCheck
{
    public static bool IsGood(SignatureHeader signature, SignedRequest request, Secret secretKey)
    {
        var key = SigningKey.Of(signature, secretKey);
        return CanonicalRequest.Of(request, signature)
            .Any(text => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(StringToSign(signature, request, text))), signature.Signature));
    }

    public static string StringToSign(SignatureHeader signature, SignedRequest request, string canonicalRequest)
    {
        string?[] lines = [signature.Algorithm, request.Headers[SignedRequest.DateHeader], signature.Scope?.Text, Sha256Hex.Of(canonicalRequest)];
        return string.Join('\n', lines.Where(line => line is not null));
    }
}
