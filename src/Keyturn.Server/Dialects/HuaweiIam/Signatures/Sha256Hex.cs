using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>SHA-256 as lower-case hexadecimal digits.</summary>
internal static class Sha256Hex
{
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));
}
