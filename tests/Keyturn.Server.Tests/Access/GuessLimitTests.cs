using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Keyturn.Server.Tests.Dialects.HuaweiIam;

namespace Keyturn.Server.Tests.Access;

/// <summary>What callers are told who have given too many wrong passwords.</summary>
public sealed class GuessLimitTests
{
    /// <summary>The first pause is a second, which a slow machine may spend between two tries.</summary>
    private readonly StandingClock _clock = new() { Now = TimeProvider.System.GetUtcNow() };

    [Fact]
    public async Task Check_AfterFiveWrongOnes_IsRefusedWithATime_AndAudited()
    {
        await using var server = await RunningServer.StartAsync(clock: _clock);
        await server.RegisterAsync("postgresql", "shop");
        server.Postgres.Passwords["app"] = "right";
        for (var i = 0; i < 5; i++)
        {
            (await server.PostAsync("/api/v1/instances/shop/accounts/app/check", """{"password":"wrong"}""")).Status.ShouldBe(HttpStatusCode.OK);
        }

        using var refused = await server.Client.PostAsJsonAsync("/api/v1/instances/shop/accounts/app/check", new { password = "right" });

        await refused.ProblemAsync("too-many-guesses", 429);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBe(TimeSpan.FromSeconds(1));
        var entry = (await server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!;
        (entry["action"]!.GetValue<string>(), entry["outcome"]!.GetValue<string>(), entry["account"]!.GetValue<string>()).ShouldBe(("account.check", "refused", "app"));
        (await server.PostAsync("/api/v1/instances/shop/accounts/other/check", """{"password":"wrong"}""")).Status.ShouldBe(HttpStatusCode.OK, "another account");
    }

    [Fact]
    public async Task SignIn_AfterFiveWrongOnes_IsRefusedAlike_WhetherThereIsSuchAUserOrNot()
    {
        await using var iam = new IamServer { Clock = _clock };
        await iam.InitializeAsync();

        var known = await LastOfSixAsync(iam, "user A");
        var unknown = await LastOfSixAsync(iam, "nobody");

        known.ShouldBe(unknown);
        known.Status.ShouldBe(429);
        known.Wait.ShouldBe("1");
        using var other = await iam.SignInAsync("{}", user: "user B", domain: "project-of-stranger");
        other.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    /// <summary>Each way to name a user would be a new start else; and where the ways come together must not tell whether there is such a user.</summary>
    [Theory]
    [InlineData("user A")]
    [InlineData("nobody")]
    public async Task SignIn_HoweverTheUserIsNamed_IsOneCount(string name)
    {
        await using var iam = new IamServer { Clock = _clock };
        await iam.InitializeAsync();
        string[] byName = [$$$"""{"name":"{{{name}}}","password":"wrong","domain":{"name":"project-of-operator"}}""", $$$"""{"name":"{{{name}}}","password":"wrong","domain":{"id":"DOMAIN"}}"""];
        var userId = name == "nobody" ? Guid.NewGuid() : iam.User.Id;
        string[] byId = [$$"""{"id":"{{userId:N}}","password":"wrong"}""", $$"""{"id":"{{userId.ToString("N").ToUpperInvariant()}}","password":"wrong"}"""];

        (await StatusesAsync(iam, byName, 6)).ShouldBe([401, 401, 401, 401, 401, 429]);
        (await StatusesAsync(iam, byId, name == "nobody" ? 6 : 1)).ShouldBe(name == "nobody" ? [401, 401, 401, 401, 401, 429] : [429], "nobody's id is nobody's name either");
    }

    /// <summary>In turn.</summary>
    private static async Task<List<int>> StatusesAsync(IamServer iam, string[] users, int tries)
    {
        var statuses = new List<int>();
        for (var i = 0; i < tries; i++)
        {
            using var response = await iam.PostAsync(iam.Filled("""{"auth":{"identity":{"methods":["password"],"password":{"user":WHO}}}}""".Replace("WHO", users[i % users.Length], StringComparison.Ordinal)));
            statuses.Add((int)response.StatusCode);
        }

        return statuses;
    }

    private static async Task<(int Status, string Body, string? Wait)> LastOfSixAsync(IamServer iam, string user)
    {
        for (var i = 0; i < 5; i++)
        {
            using var wrong = await iam.PostAsync(Body(user));
            wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var last = await iam.PostAsync(Body(user));
        return ((int)last.StatusCode, await last.Content.ReadAsStringAsync(), last.Headers.RetryAfter?.ToString());
    }

    private static string Body(string user) => new JsonObject
    {
        ["auth"] = new JsonObject
        {
            ["identity"] = new JsonObject
            {
                ["methods"] = new JsonArray("password"),
                ["password"] = new JsonObject { ["user"] = new JsonObject { ["name"] = user, ["password"] = "wrong", ["domain"] = new JsonObject { ["name"] = "project-of-operator" } } },
            },
        },
    }.ToJsonString();
}
