using Keyturn.Access;

namespace Keyturn.Server.Hosting;

/// <summary>One event a request: the route's pattern, never the path or the query. Reads are debugging matter.</summary>
internal sealed class RequestLog(RequestDelegate next, TimeProvider clock, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var started = clock.GetTimestamp();
        await next(http);
        var level = HttpMethods.IsGet(http.Request.Method) ? LogLevel.Debug : LogLevel.Information;
        if (logger.IsEnabled(level))
        {
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
            var principal = http.Features.Get<Caller>()?.PrincipalName ?? "nobody";
            var milliseconds = Math.Round(clock.GetElapsedTime(started).TotalMilliseconds, 1);
            ServerLog.RequestEnded(logger, level, http.Request.Method, route, http.Response.StatusCode, milliseconds, principal, http.TraceIdentifier);
        }
    }
}
