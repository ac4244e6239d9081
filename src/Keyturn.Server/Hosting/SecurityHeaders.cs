using Keyturn.Server.Doors;

namespace Keyturn.Server.Hosting;

/// <summary>Headers of every answer: its request id, and what a browser must not do with it.</summary>
internal static class SecurityHeaders
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    // Swagger UI styles itself inline and draws with data URIs; its scripts are files of its own.
    private const string OwnPage = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        http.TraceIdentifier = Guid.NewGuid().ToString(http.Door().RequestIdFormat);
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers["X-Request-Id"] = http.TraceIdentifier;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments(ApiDescription.PagePath, StringComparison.OrdinalIgnoreCase) ? OwnPage : Nothing;
            headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(http);
    });
}
