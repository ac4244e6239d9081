using System.Net;

namespace Keyturn.Server.Tests.Hosting;

public sealed class RequestRateTests
{
    private const string Project = "0123456789abcdef0123456789abcdef";

    /// <summary>Four at once, and one more each second.</summary>
    private static Task<RunningServer> StartAsync() => RunningServer.StartAsync(options => options with { RateLimit = 1 });

    [Theory]
    [InlineData("/api/v1/instances", "\"type\":\"urn:keyturn:problem:too-many-requests\"")]
    [InlineData("/v2/databases", """{"id":"too_many_requests","message":"API rate limit exceeded.",""")]
    [InlineData("/v2/redis/databases", """{"error":"too many requests"}""")]
    [InlineData("/v3/auth/tokens", """{"error":{"code":429,"message":"Too Many Requests.","title":"Too Many Requests"}}""")]
    [InlineData($"/mysql/v3/{Project}/instances", """{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached.",""")]
    [InlineData($"/v1/{Project}/instances", """{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached.",""")]
    [InlineData($"/v3/{Project}/instances/{Project}in02/db-user/detail", """{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached.",""")]
    public async Task Request_OverTheLimit_IsRefusedInTheDoorsShape(string path, string body)
    {
        await using var server = await StartAsync();

        using var refused = await RefusedAsync(server.Anonymous, path);

        refused.Headers.RetryAfter!.ToString().ShouldBe("1");
        (await refused.Content.ReadAsStringAsync()).ShouldContain(body);
    }

    [Fact]
    public async Task Request_OverTheLimit_IsNotBegunAndLeavesNoRow()
    {
        await using var server = await StartAsync();
        await server.RegisterAsync("postgresql", "pg");
        server.Postgres.Passwords["app"] = "before";
        var project = (await server.Store.Principals.FindProjectAsync("project-of-operator", default))!;

        // A slow machine may gain a token between any two of them: the first that is refused is looked at, whichever it is.
        for (var i = 0; i < 50; i++)
        {
            var before = await SeenAsync();
            var reset = await server.PostAsync("/api/v1/instances/pg/accounts/app/reset");
            if (reset.Status == HttpStatusCode.TooManyRequests)
            {
                (await SeenAsync()).ShouldBe(before);
                i.ShouldBeGreaterThan(0);
                return;
            }

            reset.Status.ShouldBe(HttpStatusCode.OK, reset.Body.ToJsonString());
        }

        throw new InvalidOperationException("None of fifty was refused.");

        async Task<(string Password, int Changes, string Rows)> SeenAsync()
        {
            var rows = (await server.Store.Audit.ListAsync(project.Id, 1000, default)).Select(row => row.Entry.Action);
            return (server.Postgres.Passwords["app"], server.Postgres.Changes, string.Join(' ', rows));
        }
    }

    /// <summary>They are refused either way, and in few rows.</summary>
    [Fact]
    public async Task Request_OfNobodyOverTheLimit_IsCountedAmongTheRefusedCallers()
    {
        await using var server = await RunningServer.StartAsync(options => options with { RateLimit = 1 });
        var project = (await server.Store.Principals.FindProjectAsync("project-of-operator", default))!;
        const int Count = 30;
        var limited = 0;
        for (var i = 0; i < Count; i++)
        {
            using var answer = await server.Anonymous.GetAsync("/v2/redis/databases");
            limited += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        limited.ShouldBeGreaterThan(0);
        await Eventually.ShouldAsync(async () =>
            (await server.Store.Audit.ListAsync(project.Id, 100, default)).Where(row => row.Entry.Action == "authentication").Sum(row => Told(row.Entry.Detail!)) == Count);
    }

    [Fact]
    public async Task Request_AnotherIsOverTheLimit_IsLetThroughAndHealthIsToldToAll()
    {
        await using var server = await StartAsync();
        using var refused = await RefusedAsync(server.Client, "/api/v1/instances");
        using var unknown = await RefusedAsync(server.Anonymous, "/api/v1/instances");

        using var another = await server.Stranger.GetAsync("/api/v1/instances");
        another.StatusCode.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 10; i++)
        {
            using var health = await server.Anonymous.GetAsync("/health/ready");
            health.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Request_DigitalOceanOverTheLimit_HasItsHeadersToo()
    {
        await using var server = await StartAsync();

        using var refused = await RefusedAsync(server.Client, "/v2/databases");

        refused.Headers.GetValues("ratelimit-limit").Single().ShouldBe("5000");
    }

    [Fact]
    public async Task Request_DigitalOceanOverTheLimit_IsNotTakenOffItsHour()
    {
        await using var server = await StartAsync();
        var answered = 0;
        string? remaining = null;
        for (var refused = 0; refused < 5;)
        {
            using var answer = await server.Client.GetAsync("/v2/databases");
            _ = answer.StatusCode == HttpStatusCode.TooManyRequests ? refused++ : answered++;
            remaining = answer.Headers.GetValues("ratelimit-remaining").Single();
        }

        remaining.ShouldBe($"{5000 - answered}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_001)]
    public void Problems_RateOutOfRange_IsNamed(int rate) =>
        new ServerOptions { Store = typeof(RequestRateTests).Assembly.Location, RateLimit = rate, MaxConnections = 0 }.Problems().Select(problem => problem.Rule).ShouldBe(["rate-limit", "max-connections"]);

    private static int Told(string detail) => detail.Split(' ') is [_, var count, "more", ..] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 1;

    /// <summary>The first answer that says so: there are no more than five before it, or the machine is very slow.</summary>
    private static async Task<HttpResponseMessage> RefusedAsync(HttpClient client, string path)
    {
        for (var i = 0; i < 50; i++)
        {
            var response = await client.GetAsync(path);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                i.ShouldBeGreaterThan(0);
                return response;
            }

            response.Dispose();
        }

        throw new InvalidOperationException("None of fifty was refused.");
    }
}
