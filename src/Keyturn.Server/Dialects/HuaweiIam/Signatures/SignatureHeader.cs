using System.Diagnostics.CodeAnalysis;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>The layouts of a signed <c>Authorization</c> header. Two of them share one name of an algorithm.</summary>
internal enum SignatureLayout
{
    /// <summary><c>SDK-HMAC-SHA256 Access=…</c>: Huawei's SDKs and Terraform provider.</summary>
    Access,

    /// <summary><c>SDK-HMAC-SHA256 Credential=…</c>: Open Telekom Cloud's Go SDK and Terraform provider.</summary>
    Credential,

    /// <summary><c>V11-HMAC-SHA256 Credential=…</c>: Huawei's SDKs with a derived key.</summary>
    Derived,
}

/// <summary>What a key is derived for; the parts may be empty.</summary>
internal sealed record SigningScope(string Date, string Region, string Service, string Text);

/// <summary>A signed <c>Authorization</c> header, taken apart.</summary>
/// <param name="Layout">Which layout.</param>
/// <param name="Algorithm">The algorithm's name.</param>
/// <param name="AccessKey">The AK.</param>
/// <param name="Scope">What the key is derived for; null where it is not derived.</param>
/// <param name="SignedHeaders">Names in lower case, sorted.</param>
/// <param name="Signature">The signature's bytes.</param>
internal sealed record SignatureHeader(
    SignatureLayout Layout, string Algorithm, string AccessKey, SigningScope? Scope, IReadOnlyList<string> SignedHeaders, byte[] Signature)
{
    private const string SdkAlgorithm = "SDK-HMAC-SHA256";
    private const string DerivedAlgorithm = "V11-HMAC-SHA256";
    private const string Terminator = "sdk_request";
    private const int SignatureDigits = 64;

    /// <summary>What a key is derived for goes into HKDF, which some libraries do only for as much as this; real ones have some fifty characters.</summary>
    private const int LongestCredential = 1024;

    /// <summary>Whether the header means to be a signature, of a kind that is spoken here or not (SM3, ECDSA).</summary>
    public static bool IsMeant(string authorization) =>
        authorization.StartsWith("SDK-", StringComparison.Ordinal) || authorization.StartsWith("V11-", StringComparison.Ordinal);

    /// <summary>Takes a header apart; false when it is something else, or says anything twice.</summary>
    public static bool TryParse(string authorization, [NotNullWhen(true)] out SignatureHeader? header)
    {
        header = null;
        if (authorization.Split(' ', 2) is not [SdkAlgorithm or DerivedAlgorithm, var rest] || Members(rest) is not { } members
            || !members.TryGetValue("SignedHeaders", out var names) || Headers(names) is not { } signed
            || !members.TryGetValue("Signature", out var digits) || Signed(digits) is not { } signature)
        {
            return false;
        }

        header = (authorization.StartsWith(SdkAlgorithm, StringComparison.Ordinal), members.GetValueOrDefault("Access"), members.GetValueOrDefault("Credential")) switch
        {
            (_, _, { Length: > LongestCredential }) => null,
            (true, { Length: > 0 } key, null) => new SignatureHeader(SignatureLayout.Access, SdkAlgorithm, key, Scope: null, signed, signature),
            (true, null, { } credential) when credential.Split('/') is [{ Length: > 0 } key, var date, var region, var service, Terminator] =>
                new SignatureHeader(SignatureLayout.Credential, SdkAlgorithm, key, new SigningScope(date, region, service, credential[(key.Length + 1)..]), signed, signature),
            (false, null, { } credential) when credential.Split('/') is [{ Length: > 0 } key, var date, var region, var service] =>
                new SignatureHeader(SignatureLayout.Derived, DerivedAlgorithm, key, new SigningScope(date, region, service, credential[(key.Length + 1)..]), signed, signature),
            _ => null,
        };
        return header is not null;
    }

    private static Dictionary<string, string>? Members(string text)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (member.Split('=', 2) is not [var name, var value] || !members.TryAdd(name, value))
            {
                return null;
            }
        }

        return members;
    }

    private static List<string>? Headers(string text)
    {
        List<string> names = [.. text.Split(';', StringSplitOptions.TrimEntries).Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal)];
        return names.Distinct().Count() == names.Count ? names : null;
    }

    private static byte[]? Signed(string digits) =>
        digits.Length == SignatureDigits && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
}
