using System.Threading.RateLimiting;
using Keyturn.Access;

namespace Keyturn.Server.Hosting;

/// <summary>
/// How many requests one caller may make, at all doors together: a token bucket for each principal, and for each address from which nobody has signed in. The answer
/// over it is 429 in the door's shape, before anything is decided, prepared or written down; of whom nobody knows it is counted with the callers whom no door let in.
/// </summary>
/// <remarks>It stands behind authentication, which says who calls. A bucket that is full again is thrown away, so that there are as many as there are callers just now.</remarks>
internal static class RequestRate
{
    /// <summary>So many seconds' requests may come at once.</summary>
    private const int Burst = 4;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public static void AddRequestRate(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(CallerOf(http), _ => Bucket(http)));
        limiter.OnRejected = (refused, _) =>
        {
            refused.HttpContext.AskAgainAfter(refused.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Period);
            return ValueTask.CompletedTask;
        };
    });

    /// <summary>Who is counted.</summary>
    internal static string CallerOf(HttpContext http) => http.Features.Get<Caller>() is { } caller
        ? $"principal:{caller.PrincipalId:N}"
        : $"address:{(http.Connection.RemoteIpAddress is { } remote ? SourceNetwork.Of(remote) : "")}";

    private static TokenBucketRateLimiterOptions Bucket(HttpContext http)
    {
        var perPeriod = http.RequestServices.GetRequiredService<ServerOptions>().RateLimit;
        return new TokenBucketRateLimiterOptions { TokenLimit = Burst * perPeriod, TokensPerPeriod = perPeriod, ReplenishmentPeriod = Period, QueueLimit = 0, AutoReplenishment = true };
    }
}
