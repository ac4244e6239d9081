using System.Collections.Concurrent;
using System.Diagnostics;

namespace Keyturn.Server.Tests.Hosting;

public sealed class RequestLogTests
{
    [Fact]
    public async Task Invoke_SpanOfARequest_HasTheRouteAndNotThePath()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await RunningServer.StartAsync();

        await server.GetAsync("/api/v1/instances/canary/accounts/canary?host=canary");

        await Eventually.ShouldAsync(() => spans.Any(span => span.DisplayName == "GET /api/v1/instances/{instance}/accounts/{user}"));
        spans.SelectMany(span => span.Tags).ShouldNotContain(tag => tag.Value!.Contains("canary"));
    }
}
