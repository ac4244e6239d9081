using System.Diagnostics;
using Keyturn.Access;
using Microsoft.AspNetCore.Http.Features;

namespace Keyturn.Server.Hosting;

/// <summary>One event a request, and its span: the route's pattern, never the path or the query. Reads are debugging matter.</summary>
internal sealed class RequestLog(RequestDelegate next, TimeProvider clock, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var started = clock.GetTimestamp();
        await next(http);
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
        Name(http.Features.Get<IHttpActivityFeature>()?.Activity, http, route);
        var level = HttpMethods.IsGet(http.Request.Method) ? LogLevel.Debug : LogLevel.Information;
        if (logger.IsEnabled(level))
        {
            var principal = http.Features.Get<Caller>()?.PrincipalName ?? "nobody";
            var milliseconds = Math.Round(clock.GetElapsedTime(started).TotalMilliseconds, 1);
            ServerLog.RequestEnded(logger, level, http.Request.Method, route, http.Response.StatusCode, milliseconds, principal, http.TraceIdentifier);
        }
    }

    /// <summary>The framework would call every request the same, or tag it with its path.</summary>
    private static void Name(Activity? span, HttpContext http, string route)
    {
        if (span is not null)
        {
            span.DisplayName = $"{http.Request.Method} {route}";
            span.SetTag("http.request.method", http.Request.Method).SetTag("http.route", route).SetTag("http.response.status_code", http.Response.StatusCode);
        }
    }
}
