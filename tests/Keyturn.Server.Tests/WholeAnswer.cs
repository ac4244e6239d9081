using System.Globalization;

namespace Keyturn.Server.Tests;

/// <summary>An answer as a client gets it, in one text: status, all headers but the date, body. Ids that are new each time are <c>ID</c>, counters <c>N</c>.</summary>
internal static class WholeAnswer
{
    /// <summary>What every answer has, in its place among the others.</summary>
    private static readonly string[] Always =
    [
        "Cache-Control: no-store", "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'", "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff", "X-Request-ID: ID",
    ];

    /// <summary>The headers that every answer has are asserted here, and left out of the text.</summary>
    public static async Task<string> WholeAsync(this HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        foreach (var id in Ids(response))
        {
            body = body.Replace(id, "ID", StringComparison.Ordinal);
        }

        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Transfer-Encoding" or "Content-Length"))
            .Select(header => $"{header.Key}: {(IsId(header.Key) ? "ID" : header.Key is "ratelimit-remaining" or "ratelimit-reset" ? "N" : string.Join(", ", header.Value))}")
            .Order(StringComparer.Ordinal).ToList();
        Always.ShouldBeSubsetOf(headers);
        return string.Join('\n', [((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), .. headers.Except(Always), body]);
    }

    private static IEnumerable<string> Ids(HttpResponseMessage response) => response.Headers.Where(header => IsId(header.Key)).SelectMany(header => header.Value);

    private static bool IsId(string header) => header is "X-Request-ID" or "Keyturn-Reset-Id";
}
