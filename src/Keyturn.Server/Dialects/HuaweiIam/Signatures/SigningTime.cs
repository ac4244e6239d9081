using System.Globalization;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>When a request says it was signed.</summary>
internal static class SigningTime
{
    /// <summary>
    /// Whether the time is signed, is the day that the key was derived for, and is not further from <paramref name="now"/> than <paramref name="window"/>.
    /// Within the window a request can be sent again by whoever has read it, as in the cloud: TLS is what keeps readers out.
    /// </summary>
    public static bool IsAccepted(SignatureHeader signature, SignedRequest request, DateTimeOffset now, TimeSpan window)
    {
        var text = request.Headers[SignedRequest.DateHeader].ToString();
        return signature.SignedHeaders.Contains(SignedRequest.DateHeader, StringComparer.OrdinalIgnoreCase)
            && DateTimeOffset.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signed)
            && (signature.Scope is null || text.StartsWith(signature.Scope.Date + 'T', StringComparison.Ordinal))
            && (now - signed).Duration() <= window;
    }
}
