using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Keyturn.Server.Tests.Access;

public sealed class ScopeTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private string _shop = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _shop = await _server.RegisterAsync("postgresql", "shop");
        _server.Postgres.Passwords["app"] = "before";
        await _server.PostAsync("/api/v1/instances/shop/accounts/app/adopt", """{"password":"before"}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void EveryRoute_ThatIsNotOpen_NamesAKnownAction()
    {
        var routes = _server.Endpoints.OfType<RouteEndpoint>().ToList();

        routes.Count.ShouldBeGreaterThan(35);
        foreach (var route in routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null && route.Metadata.GetMetadata<AboutCaller>() is null))
        {
            var required = route.Metadata.GetMetadata<RequiredAction>();
            required.ShouldNotBeNull($"{route.RoutePattern.RawText} names no action: .Requires(KeyturnAction.…)");
            Scopes.TryParse([required.Action.Name]).ShouldNotBeNull($"{required.Action.Name} of {route.RoutePattern.RawText} is none of {nameof(KeyturnAction)}.");
        }
    }

    /// <summary>The table of docs/access.md has what these doors do; what a handler asks for beside its route's action is more.</summary>
    [Fact]
    public void RoutesOfDoorsWithoutPolicies_AreInTheTable()
    {
        string[] Of(string door) => [.. _server.Endpoints.Where(route => route.Metadata.GetMetadata<Door>()?.Name == door).Select(route => route.Metadata.GetMetadata<RequiredAction>()!.Action.Name).Distinct()];

        Of("digitalocean").Except(Scopes.DigitalOcean.Values.SelectMany(actions => actions)).ShouldBeEmpty();
        Of("upstash").Concat([KeyturnAction.RevealAccount, KeyturnAction.RotateAdmin]).ShouldBe(Scopes.Upstash.Keys, ignoreOrder: true);
    }

    [Theory]
    [InlineData("keyturn:instance:read", "POST", "/api/v1/instances/shop/accounts/app/reset", "keyturn:account:reset")]
    [InlineData("keyturn:account:reset", "GET", "/api/v1/instances/shop/accounts/app/secret", "keyturn:account:reveal")]
    [InlineData("keyturn:account:read", "GET", "/api/v1/instances/shop/accounts/app/versions?reveal=true", "keyturn:account:reveal")]
    [InlineData("keyturn:account:*", "GET", "/api/v1/audit", "keyturn:audit:read")]
    [InlineData("database:read", "DELETE", "/api/v1/instances/shop", "keyturn:instance:remove")]
    [InlineData("keyturn:principal:read", "POST", "/api/v1/principals", "keyturn:principal:manage")]
    [InlineData("keyturn:account:*", "POST", "/api/v1/instances/shop/rotate-admin", "keyturn:instance:rotate-admin")]
    [InlineData("keyturn:account:change", "DELETE", "/api/v1/instances/shop/accounts/app/schedule", "keyturn:account:reset")]
    public async Task NativeCall_OutOfScope_IsRefusedNamingTheAction(string scope, string method, string path, string missing)
    {
        using var client = await _server.ClientAsync(scope);

        using var response = await client.SendAsync(_server.Request(new HttpMethod(method), path));

        (await response.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain(missing);
        _server.Postgres.Passwords["app"].ShouldBe("before");
        (await _server.GetAsync("/api/v1/instances/shop")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task NativeCall_OutOfScope_IsAudited()
    {
        using var client = await _server.ClientAsync("keyturn:instance:read");
        using var response = await client.GetAsync("/api/v1/audit");

        var entry = (await _server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!;

        (entry["action"]!.GetValue<string>(), entry["outcome"]!.GetValue<string>(), entry["detail"]!.GetValue<string>()).ShouldBe(("access", "refused", "keyturn:audit:read: The credential's scopes leave keyturn:audit:read out."));
    }

    [Theory]
    [InlineData("keyturn:account:read", "GET", "/api/v1/instances/shop/accounts/app/versions?reveal=true", null, "app")]
    [InlineData("keyturn:instance:rotate-admin", "POST", "/api/v1/instances/shop/rotate-admin", """{"reveal":true}""", "admin")]
    public async Task NativeCall_RefusedByItsHandler_IsAudited(string scope, string method, string path, string? body, string account)
    {
        using var client = await _server.ClientAsync(scope);

        using var response = await client.SendAsync(_server.Request(new HttpMethod(method), path, body));

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _server.RefusalsAsync()).ShouldBe([$"{account}: keyturn:account:reveal: The credential's scopes leave keyturn:account:reveal out."]);
    }

    [Theory]
    [InlineData("keyturn:account:reset", "POST", "/api/v1/instances/shop/accounts/app/reset")]
    [InlineData("database:update", "POST", "/api/v1/instances/shop/accounts/app/reset")]
    [InlineData("database:view_credentials", "GET", "/api/v1/instances/shop/accounts/app/secret")]
    [InlineData("keyturn:account:read", "GET", "/api/v1/instances/shop/accounts/app/versions")]
    public async Task NativeCall_InScope_IsDone(string scope, string method, string path)
    {
        using var client = await _server.ClientAsync(scope);

        using var response = await client.SendAsync(_server.Request(new HttpMethod(method), path));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Reset_WithoutReveal_ShowsItsOwnPassword()
    {
        using var client = await _server.ClientAsync("keyturn:account:reset");

        using var response = await client.PostAsync("/api/v1/instances/shop/accounts/app/reset", content: null);

        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["app"]);
    }

    [Fact]
    public async Task OutOfScope_UnknownRouteOrMethod_IsStillTold()
    {
        using var client = await _server.ClientAsync("keyturn:instance:read");

        using var route = await client.GetAsync("/api/v1/nothing");
        using var method = await client.DeleteAsync("/api/v1/status");

        await route.ProblemAsync("unknown-route", 404);
        await method.ProblemAsync("method", 405);
    }

    [Theory]
    [InlineData("GET", "/v2/databases", "database:update")]
    [InlineData("GET", "/v2/databases/ID/users/app", "database:update")]
    [InlineData("POST", "/v2/databases/ID/users/app/reset_auth", "database:read")]
    public async Task DigitalOceanCall_OutOfScope_IsForbidden(string method, string path, string scope)
    {
        using var client = await _server.ClientAsync(scope);

        using var response = await client.SendAsync(_server.Request(new HttpMethod(method), path.Replace("ID", _shop, StringComparison.Ordinal)));

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var id = response.Headers.GetValues("X-Request-Id").Single();
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            $$"""{"id":"forbidden","message":"You do not have permission to perform this action.","request_id":"{{id}}"}""");
        _server.Postgres.Passwords["app"].ShouldBe("before");
    }

    [Theory]
    [InlineData("database:read", false)]
    [InlineData("database:read database:view_credentials", true)]
    public async Task DigitalOceanRead_Password_IsThereOnlyWithViewCredentials(string scopes, bool isShown)
    {
        using var client = await _server.ClientAsync(scopes.Split(' '));
        var before = await RevealsAsync();

        var one = JsonNode.Parse(await client.GetStringAsync($"/v2/databases/{_shop}/users/app"))!["user"]!.AsObject();
        var all = JsonNode.Parse(await client.GetStringAsync($"/v2/databases/{_shop}/users"))!["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "app")!.AsObject();

        foreach (var user in new[] { one, all })
        {
            user.ContainsKey("password").ShouldBe(isShown);
        }

        // The list does not show the admin login's.
        (await RevealsAsync() - before).ShouldBe(isShown ? 2 : 0);
    }

    [Fact]
    public async Task DigitalOceanReset_WithUpdateOnly_ShowsTheNewPassword()
    {
        using var client = await _server.ClientAsync("database:update");

        using var response = await client.PostAsync($"/v2/databases/{_shop}/users/app/reset_auth", content: null);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["user"]!["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["app"]);
    }

    private async Task<int> RevealsAsync() =>
        (await _server.GetAsync("/api/v1/audit?limit=1000")).Body["entries"]!.AsArray().Count(entry => entry!["action"]!.GetValue<string>() == "account.reveal");
}
