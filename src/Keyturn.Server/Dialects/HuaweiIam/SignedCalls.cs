using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Dialects.HuaweiIam.Signatures;
using Microsoft.AspNetCore.Http.Features;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Recognises the key pair that signed a request.</summary>
internal sealed class SignedCalls(IPrincipalStore principals, TimeProvider clock)
{
    private const int LongestAccessKey = 128;

    private static readonly string[] SecretHeaders = ["x-security-token:", "x-auth-token:", "x-subject-token:", "authorization:", "cookie:"];

    /// <summary>What is cheap comes first: the body is read only for an AK that exists.</summary>
    public async ValueTask<HuaweiCredential> RecogniseAsync(HttpContext http, string authorization, TimeSpan clockWindow)
    {
        if (!SignatureHeader.TryParse(authorization, out var signature) || signature.AccessKey.Length > LongestAccessKey)
        {
            return HuaweiRefusal.Incorrect("the signature is incomplete, or of an algorithm that is not supported");
        }

        var now = clock.GetUtcNow();
        var request = Received(http);
        if (!SigningTime.IsAccepted(signature, request, now, clockWindow))
        {
            return HuaweiRefusal.Incorrect($"verify aksk signature fail, X-Sdk-Date is not signed, or not within {clockWindow.TotalMinutes} minutes of {now:yyyyMMdd'T'HHmmss'Z'}");
        }

        if (await principals.FindAccessKeyAsync(signature.AccessKey, http.RequestAborted) is not { Material.SecretKey: { } secretKey } known || known.Credential.IsExpired(now))
        {
            return HuaweiRefusal.UnknownAccessKey(signature.AccessKey);
        }

        if (!SecurityToken.IsOf(known, http.Request.Headers[SecurityToken.Header].ToString()))
        {
            return HuaweiRefusal.Incorrect("the X-Security-Token does not belong to the ak");
        }

        request = request with { Body = await ReadBodyAsync(http) };
        return SignatureCheck.IsGood(signature, request, secretKey) ? known : Mismatch(signature, request);
    }

    private static SignedRequest Received(HttpContext http) =>
        new(http.Request.Method, http.Request.Path.Value ?? "", Query(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget), http.Request.Headers, Body: default);

    private static string Query(string target) => target.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? target[(at + 1)..] : "";

    /// <summary>Kestrel's limit bounds it. Handlers read it again; it stays in memory, because it may hold a password.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static HuaweiRefusal Mismatch(SignatureHeader signature, SignedRequest request) =>
        HuaweiRefusal.Incorrect($"verify aksk signature fail, canonicalRequest:{Shown(CanonicalRequest.Of(request, signature).First())}");

    /// <summary>For whoever looks for the difference. The SDKs sign the security token too; it does not belong into an error.</summary>
    private static string Shown(string canonicalRequest) =>
        string.Join('|', canonicalRequest.Split('\n').Select(line => IsSecret(line) ? line[..(line.IndexOf(':', StringComparison.Ordinal) + 1)] + new Secret("") : line));

    private static bool IsSecret(string line) => SecretHeaders.Any(name => line.StartsWith(name, StringComparison.Ordinal));
}
