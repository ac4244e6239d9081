using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Api;

public sealed class AccessTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task AnyDocumentedRoute_WithoutAGoodToken_IsUnauthorized()
    {
        var document = JsonNode.Parse(await _server.Anonymous.GetStringAsync("/openapi/v1.json"))!;
        var routes = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => (path.Key, Method: new HttpMethod(method.Key.ToUpperInvariant())))).ToList();

        routes.Count.ShouldBeGreaterThan(39);
        foreach (var (path, method) in routes)
        {
            foreach (var authorization in new[] { null, "Bearer kt_wrong", "Bearer ", $"Basic {_server.Token.Reveal()}" })
            {
                using var request = _server.Request(method, path.Replace('{', 'x').Replace('}', 'x'));
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
                using var response = await _server.Anonymous.SendAsync(request);
                response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path} with {authorization}");
                response.Headers.WwwAuthenticate.ToString().ShouldBe(path.StartsWith("/v2/redis", StringComparison.Ordinal) ? "Basic realm=\"upstash\"" : "Bearer");
            }
        }
    }

    [Theory]
    [InlineData("/api/v1/instances")]
    [InlineData("/nowhere")]
    public async Task NativePath_WithoutToken_IsAProblem(string path)
    {
        using var response = await _server.Anonymous.GetAsync(path);

        await response.ProblemAsync("unauthorized", 401);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/index.html")]
    public async Task OpenPath_WithoutToken_IsServed(string path)
    {
        await Eventually.ShouldAsync(async () => (await _server.Anonymous.GetAsync("/health/ready")).IsSuccessStatusCode);

        (await _server.Anonymous.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task UnknownRoute_WithToken_IsAProblem()
    {
        using var response = await _server.Client.GetAsync("/api/v1/nothing");

        await response.ProblemAsync("unknown-route", 404);
    }

    [Fact]
    public async Task WrongMethod_WithToken_IsAProblem()
    {
        using var response = await _server.Client.DeleteAsync("/api/v1/status");

        await response.ProblemAsync("method", 405);
    }

    [Fact]
    public async Task BodyTooLarge_IsAProblem()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances", new string(' ', (1 << 20) + 1)));

        await response.ProblemAsync("too-large", 413);
    }

    [Fact]
    public async Task EveryAnswer_HasRequestIdAndSecurityHeaders()
    {
        using var response = await _server.Client.GetAsync("/api/v1/status");

        Guid.Parse(response.Headers.GetValues("X-Request-Id").Single()).ShouldNotBe(Guid.Empty);
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        response.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task OpenApi_Document_DeclaresTheBearerTokenAndHidesNoSecretShape()
    {
        var document = JsonNode.Parse(await _server.Anonymous.GetStringAsync("/openapi/v1.json"))!;

        document["components"]!["securitySchemes"]!["Bearer"]!["scheme"]!.GetValue<string>().ShouldBe("bearer");
        document["security"]![0]!["Bearer"].ShouldNotBeNull();
        var reset = document["paths"]!["/api/v1/instances/{instance}/accounts/{user}/reset"]!["post"]!;
        reset["requestBody"]!["content"]!["application/json"]!["schema"].ShouldNotBeNull();
        reset["summary"]!.GetValue<string>().ShouldNotBeEmpty();
        document.ToJsonString().ShouldContain("\"format\":\"password\"");
    }

    [Fact]
    public async Task Document_Reset_SaysWhatTheServerTakes()
    {
        var document = JsonNode.Parse(await _server.Anonymous.GetStringAsync("/openapi/v1.json"))!;

        var reset = document["paths"]!["/api/v1/instances/{instance}/accounts/{user}/reset"]!["post"]!;
        reset["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>()).ShouldBe(["instance", "user", "host", "auth_database", "Idempotency-Key"]);
        reset["requestBody"]!["content"]!["application/json"]!["schema"]!["required"].ShouldBeNull();
        reset["responses"]!["default"]!["content"]!["application/problem+json"].ShouldNotBeNull();
        var schemas = document["components"]!["schemas"]!;
        schemas["PathText"]!["type"]!.GetValue<string>().ShouldBe("string");
        schemas["PolicyWire"]!["properties"]!["min_length"]!["type"]!.GetValue<string>().ShouldBe("integer");
        schemas["ResetAnswer"]!["required"]!.ToJsonString().ShouldBe("""["reset"]""");
    }

    [Fact]
    public async Task Audit_AfterCalls_NamesCallerSourceAndRequest()
    {
        await _server.RegisterAsync("postgresql", "pg");

        var (_, audit) = await _server.GetAsync("/api/v1/audit?limit=1");

        var entry = audit["entries"]![0]!;
        entry["principal"]!.GetValue<string>().ShouldBe("operator");
        entry["source"]!.GetValue<string>().ShouldBe("127.0.0.1");
        entry["action"]!.GetValue<string>().ShouldBe("instance.register");
    }
}
