using System.Collections.Concurrent;
using System.Globalization;
using Keyturn.Access;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>5,000 requests an hour for each principal, in a sliding window, and the three headers about it, which clients parse as integers.</summary>
internal sealed class DigitalOceanRateLimit(TimeProvider clock)
{
    public const int Limit = 5000;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Guid, Queue<DateTimeOffset>> _requests = new();

    /// <summary>What is left of a window.</summary>
    /// <param name="IsAllowed">Whether this request fits in.</param>
    /// <param name="Remaining">How many more do.</param>
    /// <param name="Reset">When the oldest request leaves the window.</param>
    public readonly record struct Count(bool IsAllowed, int Remaining, DateTimeOffset Reset);

    /// <summary>Counts a request of this principal. Requests without one are not counted: there is nobody to count them for.</summary>
    public Count Take(Guid? principalId)
    {
        var now = clock.GetUtcNow();
        if (principalId is not { } id)
        {
            return new Count(IsAllowed: true, Limit, now);
        }

        var requests = _requests.GetOrAdd(id, _ => new Queue<DateTimeOffset>());
        lock (requests)
        {
            while (requests.TryPeek(out var oldest) && oldest <= now - Window)
            {
                requests.Dequeue();
            }

            var isAllowed = requests.Count < Limit;
            if (isAllowed)
            {
                requests.Enqueue(now);
            }

            return new Count(isAllowed, Limit - requests.Count, requests.Peek() + Window);
        }
    }
}

/// <summary>Puts the limit into the pipeline: behind authentication, before anything is done.</summary>
internal static class DigitalOceanRateLimiting
{
    public static void UseDigitalOceanRateLimit(this IApplicationBuilder app) => app.UseWhen(
        http => http.Door() == DigitalOceanDialect.Door,
        door => door.Use((http, next) =>
        {
            var limit = http.RequestServices.GetRequiredService<DigitalOceanRateLimit>();
            var count = limit.Take(http.Features.Get<Caller>()?.PrincipalId);
            http.Response.Headers["ratelimit-limit"] = DigitalOceanRateLimit.Limit.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["ratelimit-remaining"] = count.Remaining.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["ratelimit-reset"] = count.Reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            if (count.IsAllowed)
            {
                return next(http);
            }

            http.Response.Headers.RetryAfter = "60";
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Task.CompletedTask;
        }));
}
