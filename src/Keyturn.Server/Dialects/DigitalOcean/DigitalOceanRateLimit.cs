using System.Collections.Concurrent;
using System.Globalization;
using Keyturn.Access;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>
/// Requests of each principal in an hour and in a minute, in sliding windows, and the headers about it, which clients parse as integers.
/// </summary>
internal sealed class DigitalOceanRateLimit(ServerOptions options, TimeProvider clock)
{
    /// <summary>DigitalOcean's hour (5,000) holds twenty of its minutes (250).</summary>
    private const int MinutesInHour = 20;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly TimeSpan BurstWindow = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Requests> _requests = new();

    /// <summary>How many fit into an hour.</summary>
    public int Limit => options.DigitalOceanLimit;

    /// <summary>How many fit into a minute.</summary>
    public int BurstLimit => Math.Max(1, Limit / MinutesInHour);

    /// <summary>What is left of the windows.</summary>
    /// <param name="Remaining">How many more requests fit in.</param>
    /// <param name="Reset">When the oldest request leaves the hour.</param>
    /// <param name="RetryAfter">This request does not fit in: when one will. Null when it does.</param>
    public sealed record Count(int Remaining, DateTimeOffset Reset, TimeSpan? RetryAfter = null);

    /// <summary>Times of the requests that were let through.</summary>
    private sealed class Requests
    {
        public Queue<DateTimeOffset> LastHour { get; } = new();

        public Queue<DateTimeOffset> LastMinute { get; } = new();
    }

    /// <summary>Counts a request of this principal. Requests without one are not counted: there is nobody to count them for.</summary>
    public Count Take(Guid? principalId)
    {
        var now = clock.GetUtcNow();
        if (principalId is not { } id)
        {
            return new Count(Limit, now);
        }

        var requests = _requests.GetOrAdd(id, _ => new Requests());
        lock (requests)
        {
            return Take(requests, now);
        }
    }

    /// <summary>How it stands, without a request more: for one that is turned away before it gets here.</summary>
    public Count Look(Guid? principalId)
    {
        var now = clock.GetUtcNow();
        if (principalId is not { } id || !_requests.TryGetValue(id, out var requests))
        {
            return new Count(Limit, now);
        }

        lock (requests)
        {
            Forget(requests, now);
            return new Count(Limit - requests.LastHour.Count, requests.LastHour.TryPeek(out var oldest) ? oldest + Window : now);
        }
    }

    private Count Take(Requests requests, DateTimeOffset now)
    {
        var (hour, minute) = (requests.LastHour, requests.LastMinute);
        Forget(requests, now);
        if (hour.Count >= Limit)
        {
            return new Count(0, hour.Peek() + Window, hour.Peek() + Window - now);
        }

        if (minute.Count >= BurstLimit)
        {
            return new Count(0, hour.Peek() + Window, minute.Peek() + BurstWindow - now);
        }

        hour.Enqueue(now);
        minute.Enqueue(now);
        return new Count(Limit - hour.Count, hour.Peek() + Window);
    }

    private static void Forget(Requests requests, DateTimeOffset now)
    {
        Forget(requests.LastHour, now - Window);
        Forget(requests.LastMinute, now - BurstWindow);
    }

    private static void Forget(Queue<DateTimeOffset> times, DateTimeOffset until)
    {
        while (times.TryPeek(out var oldest) && oldest <= until)
        {
            times.Dequeue();
        }
    }
}

/// <summary>Puts the limit into the pipeline: behind authentication, before anything is done.</summary>
internal static class DigitalOceanRateLimiting
{
    /// <summary>The headers, on every answer of the door: also where <see cref="RequestRate"/> turns a request away, which then is not counted.</summary>
    public static void UseDigitalOceanRateLimitHeaders(this IApplicationBuilder app) => app.UseWhen(
        http => http.Door() == DigitalOceanDialect.Door,
        door => door.Use((http, next) =>
        {
            http.Response.OnStarting(() =>
            {
                // Late: what is thrown clears the headers, and errors have these too.
                var limit = http.RequestServices.GetRequiredService<DigitalOceanRateLimit>();
                var count = http.Features.Get<DigitalOceanRateLimit.Count>() ?? limit.Look(http.Features.Get<Caller>()?.PrincipalId);
                http.Response.Headers["ratelimit-limit"] = limit.Limit.ToString(CultureInfo.InvariantCulture);
                http.Response.Headers["ratelimit-remaining"] = count.Remaining.ToString(CultureInfo.InvariantCulture);
                http.Response.Headers["ratelimit-reset"] = count.Reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            });
            return next(http);
        }));

    public static void UseDigitalOceanRateLimit(this IApplicationBuilder app) => app.UseWhen(
        http => http.Door() == DigitalOceanDialect.Door,
        door => door.Use((http, next) =>
        {
            var count = http.RequestServices.GetRequiredService<DigitalOceanRateLimit>().Take(http.Features.Get<Caller>()?.PrincipalId);
            http.Features.Set(count);
            if (count.RetryAfter is not { } wait)
            {
                return next(http);
            }

            http.AskAgainAfter(wait);
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Task.CompletedTask;
        }));
}
