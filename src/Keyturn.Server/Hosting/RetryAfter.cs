using System.Globalization;

namespace Keyturn.Server.Hosting;

/// <summary>When to ask again (RFC 9110 §10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>In whole seconds, at least one.</summary>
    public static void AskAgainAfter(this HttpContext http, TimeSpan wait) =>
        http.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
