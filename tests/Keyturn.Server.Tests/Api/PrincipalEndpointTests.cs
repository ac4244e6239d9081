using System.Net;

namespace Keyturn.Server.Tests.Api;

public sealed class PrincipalEndpointTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Add_Principal_IsListedByName()
    {
        var (status, added) = await _server.PostAsync("/api/v1/principals", """{"name":"ci","email":"ci@example.org"}""");

        status.ShouldBe(HttpStatusCode.Created);
        added["email"]!.GetValue<string>().ShouldBe("ci@example.org");
        (await _server.GetAsync("/api/v1/principals/ci")).Body["id"]!.GetValue<string>().ShouldBe(added["id"]!.GetValue<string>());
        (await _server.GetAsync("/api/v1/principals")).Body["principals"]!.AsArray().Select(principal => principal!["name"]!.GetValue<string>()).ShouldBe(["ci", "operator"]);
        (await LastAuditAsync()).ShouldBe("principal.add done ci <ci@example.org>");
    }

    [Theory]
    [InlineData("""{"name":"operator"}""", "conflict", 409)]
    [InlineData("""{"name":"Operator two"}""", "invalid-request", 422)]
    [InlineData("""{"name":"ci","email":"nobody"}""", "invalid-request", 422)]
    [InlineData("""{"name":"ci","email":"a:b@example.org"}""", "invalid-request", 422)]
    [InlineData("", "invalid-request", 422)]
    [InlineData("""{"name":7}""", "malformed", 400)]
    public async Task Add_NoGoodPrincipal_IsRefused(string body, string slug, int status)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals", body));

        await response.ProblemAsync(slug, status);
        (await _server.GetAsync("/api/v1/principals")).Body["principals"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Change_NameAndEmail_KeepsTheOther()
    {
        await _server.PostAsync("/api/v1/principals", """{"name":"ci","email":"ci@example.org"}""");

        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/principals/ci", """{"name":"build"}""")).Body["email"]!.GetValue<string>().ShouldBe("ci@example.org");
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/principals/build", """{"email":null}""")).Body["email"].ShouldBeNull();

        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/principals/build", """{"name":"operator"}""")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/principals/build", """{"name":null}""")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/principals/build", """{"name":[]}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/principals/ci", "{}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Remove_Principal_ItsTokensAreRefusedAtOnce()
    {
        await _server.PostAsync("/api/v1/principals", """{"name":"ci","owner":true}""");
        using var client = await ClientOfAsync("ci");
        (await client.GetAsync("/api/v1/status")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/principals/ci", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetAsync("/api/v1/status")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/principals/ci", body: null)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Remove_Oneself_IsAConflict()
    {
        using var response = await _server.Client.DeleteAsync("/api/v1/principals/operator");

        await response.ProblemAsync("conflict", 409);
        (await _server.GetAsync("/api/v1/principals/operator")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task AnyCall_FromAnotherProject_FindsNoSuchPrincipal()
    {
        using var get = await _server.Stranger.GetAsync("/api/v1/principals/operator");
        using var issue = await _server.Stranger.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals/operator/credentials", """{"kind":"token"}"""));

        await get.ProblemAsync("principal-missing", 404);
        await issue.ProblemAsync("principal-missing", 404);
    }

    [Fact]
    public async Task Project_Changed_KeepsWhatIsNotNamed()
    {
        (await _server.GetAsync("/api/v1/project")).Body["name"]!.GetValue<string>().ShouldBe("project-of-operator");

        var (status, changed) = await _server.SendAsync(HttpMethod.Patch, "/api/v1/project", """{"region":"eu-de"}""");

        status.ShouldBe(HttpStatusCode.OK);
        changed["region"]!.GetValue<string>().ShouldBe("eu-de");
        changed["name"]!.GetValue<string>().ShouldBe("project-of-operator");
        (await LastAuditAsync()).ShouldBe("project.change done name project-of-operator, region eu-de");
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/project", """{"name":"project-of-stranger"}""")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/project", """{"region":""}""")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<HttpClient> ClientOfAsync(string principal)
    {
        var (_, issued) = await _server.PostAsync($"/api/v1/principals/{principal}/credentials", """{"kind":"token"}""");
        return _server.NewClient(new Keyturn.Passwords.Secret(issued["secret"]!.GetValue<string>()));
    }

    private async Task<string> LastAuditAsync()
    {
        var entry = (await _server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!;
        return $"{entry["action"]} {entry["outcome"]} {entry["detail"]}";
    }
}
