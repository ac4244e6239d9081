using System.Net;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Api;

public sealed class InstanceEndpointTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Register_ServerTakesTheAdminLogin_ShowsTheInstanceWithoutSecrets()
    {
        var id = await _server.RegisterAsync("postgresql", "pg", ""","tags":{"env":"test"},"statement_limit_seconds":1.5,"tls":{"mode":"require"}""");

        var (status, instance) = await _server.GetAsync("/api/v1/instances/pg");
        status.ShouldBe(HttpStatusCode.OK);
        instance["id"]!.GetValue<string>().ShouldBe(id);
        instance["tls"]!["mode"]!.GetValue<string>().ShouldBe("require");
        instance["send"]!.GetValue<string>().ShouldBe("verifier");
        instance["statement_limit_seconds"]!.GetValue<double>().ShouldBe(1.5);
        instance["password_policy"]!["generated_length"]!.GetValue<int>().ShouldBe(32);
        instance["server_version"]!.GetValue<string>().ShouldBe("15.3");
        instance.ToJsonString().ShouldNotContain("Adm1n-Pa55word");
        (await _server.GetAsync($"/api/v1/instances/{id}")).Body["name"]!.GetValue<string>().ShouldBe("pg");
    }

    [Fact]
    public async Task Discover_EngineThatTellsOfNoOthers_ShowsTheRegisteredNodeAndAddsNone()
    {
        await _server.RegisterAsync("postgresql", "pg");

        var (status, found) = await _server.GetAsync("/api/v1/instances/pg/discover");
        status.ShouldBe(HttpStatusCode.OK, found.ToJsonString());
        found.ToJsonString().ShouldBe("""{"nodes":[{"address":"db.example:5432","role":"primary","registered":true,"usable":true,"told_by":[]}],"hints":[]}""");
        var (taken, instance) = await _server.PostAsync("/api/v1/instances/pg/discover");
        taken.ShouldBe(HttpStatusCode.OK, instance.ToJsonString());
        instance["revision"]!.GetValue<int>().ShouldBe(1);
        instance.AsObject().ContainsKey("warnings").ShouldBeFalse();
        (await _server.GetAsync("/api/v1/instances/none/discover")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("60.5")]
    public async Task Reset_WaitForReplicasOutOfBounds_IsRefusedUnchanged(string seconds)
    {
        await _server.RegisterAsync("postgresql", "pg");
        _server.Postgres.Passwords["app"] = "old";

        var (status, _) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset", $$"""{"wait_for_replicas_seconds":{{seconds}}}""");

        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        _server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Register_TakenName_IsAConflict()
    {
        await _server.RegisterAsync("postgresql", "pg");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances",
            """{"name":"pg","engine":"mysql","nodes":[{"host":"h","port":1}],"admin":{"user":"admin","password":"Adm1n-Pa55word"},"is_clone":true}"""));

        await response.ProblemAsync("conflict", 409);
    }

    [Theory]
    [InlineData("""{"nodes":"here"}""", "nodes")]
    [InlineData("""{"nodes":[{"host":"h","port":"5432"}]}""", "nodes[0].port")]
    [InlineData("""{"tls":{"mode":"off"}}""", "tls.mode")]
    [InlineData("""{"tags":["a"]}""", "tags")]
    [InlineData("""{"admin":{"user":"a","password":{"hidden":"Hunter2-Hunter2"}}}""", "admin.password")]
    [InlineData("""{"name":"a","name":"b"}""", "name")]
    [InlineData("""{"name":""", "name")]
    public async Task Register_WrongType_NamesTheMemberAndNotItsValue(string body, string member)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances", body));

        var problem = await response.ProblemAsync("malformed", 400);
        problem["detail"]!.GetValue<string>().ShouldContain($"The member {member} ");
        problem.ToJsonString().ShouldNotContain("Hunter2");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"nodes":[null],"tags":{"a":null},"statement_limit_seconds":1e300}""")]
    public async Task Register_NothingUseful_ListsAllViolations(string body)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances", body));

        var problem = await response.ProblemAsync("invalid-request", 422);
        problem["violations"]!.AsArray().Select(violation => violation!["rule"]!.GetValue<string>()).ShouldBeSubsetOf(
            ["name", "engine", "admin-password", "nodes", "statement-limit"]);
        problem["violations"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task Register_AdminPasswordWrong_SaysSoAndStoresNothing()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances",
            """{"name":"pg","engine":"postgresql","nodes":[{"host":"h","port":1}],"admin":{"user":"admin","password":"Canary-1234-wrong"}}"""));

        var problem = await response.ProblemAsync("engine", 424);
        problem["cause"]!.GetValue<string>().ShouldBe("admin-login-refused");
        problem.ToJsonString().ShouldNotContain("Canary");
        (await _server.GetAsync("/api/v1/instances")).Body["instances"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Change_SomeMembers_KeepsTheOthers()
    {
        await _server.RegisterAsync("postgresql", "pg", ""","tags":{"env":"test","team":"a"},"password_policy":{"generated_length":40}""");

        var (status, changed) = await _server.SendAsync(HttpMethod.Patch, "/api/v1/instances/pg", """{"name":"main","tags":{"team":null,"tier":"1"},"password_policy":{"min_length":16}}""");

        status.ShouldBe(HttpStatusCode.OK, changed.ToJsonString());
        changed["name"]!.GetValue<string>().ShouldBe("main");
        changed["tags"]!.ToJsonString().ShouldBe("""{"env":"test","tier":"1"}""");
        changed["password_policy"]!["generated_length"]!.GetValue<int>().ShouldBe(40);
        changed["password_policy"]!["min_length"]!.GetValue<int>().ShouldBe(16);
        changed["revision"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Change_WrongType_NamesTheMember()
    {
        await _server.RegisterAsync("postgresql", "pg");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Patch, "/api/v1/instances/pg", """{"send":"by-post"}"""));

        (await response.ProblemAsync("malformed", 400))["detail"]!.GetValue<string>().ShouldContain("send");
    }

    [Theory]
    [InlineData("""{"name":"a","name":"b"}""")]
    [InlineData("""{"tls":{"mode":"disable","mode":"require"}}""")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("[]")]
    public async Task Change_NoGoodObject_IsMalformedAndChangesNothing(string body)
    {
        await _server.RegisterAsync("postgresql", "pg");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Patch, "/api/v1/instances/pg", body));

        await response.ProblemAsync("malformed", 400);
        (await _server.GetAsync("/api/v1/instances/pg")).Body["revision"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Register_NameLikeAnId_IsRefusedBecausePathsCouldMeanEither()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances",
            """{"name":"0199aaaa-0000-7000-8000-000000000001","engine":"postgresql","nodes":[{"host":"h","port":1}],"admin":{"user":"admin","password":"Adm1n-Pa55word"}}"""));

        (await response.ProblemAsync("invalid-request", 422))["violations"]![0]!["rule"]!.GetValue<string>().ShouldBe("name");
    }

    [Fact]
    public async Task Remove_Instance_IsForgotten()
    {
        await _server.RegisterAsync("postgresql", "pg");

        (await _server.Client.DeleteAsync("/api/v1/instances/pg")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await _server.GetAsync("/api/v1/instances/pg")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task AnyCall_FromAnotherProject_FindsNothing()
    {
        var id = await _server.RegisterAsync("postgresql", "pg");

        using var response = await _server.Stranger.GetAsync($"/api/v1/instances/{id}");

        await response.ProblemAsync("instance-missing", 404);
    }

    [Fact]
    public async Task Inspect_NodeIsDown_SaysWhyForTheNode()
    {
        await _server.RegisterAsync("postgresql", "pg");
        (await _server.GetAsync("/api/v1/instances/pg/inspect")).Body["nodes"]![0]!["ok"]!.GetValue<bool>().ShouldBeTrue();
        _server.Postgres.Down = new Failure(EngineError.TlsRejected, "The certificate is for another name.");

        var (status, answer) = await _server.GetAsync("/api/v1/instances/pg/inspect");

        status.ShouldBe(HttpStatusCode.OK);
        answer["nodes"]![0]!["ok"]!.GetValue<bool>().ShouldBeFalse();
        answer["nodes"]![0]!["error"]!["cause"]!.GetValue<string>().ShouldBe("tls-rejected");
    }

    [Fact]
    public async Task Inspect_AdminLacksRights_NamesThemByCapability()
    {
        await _server.RegisterAsync("postgresql", "pg");
        var complete = (await _server.GetAsync("/api/v1/instances/pg/inspect")).Body["nodes"]![0]!.AsObject();
        _server.Postgres.Missing = [new MissingRight(Capability.Recovery, "GRANT a;", "GRANT b;"), new MissingRight(Capability.Nodes, "GRANT c;")];

        var node = (await _server.GetAsync("/api/v1/instances/pg/inspect")).Body["nodes"]![0]!;

        complete.ContainsKey("missing_grants").ShouldBeFalse();
        node["missing_grants"]!.ToJsonString().ShouldBe("""[{"capability":"recovery","statements":["GRANT a;","GRANT b;"]},{"capability":"nodes","statements":["GRANT c;"]}]""");
        (await _server.GetAsync("/api/v1/instances/pg/accounts/admin")).Body["missing_grants"]!.AsArray().Count.ShouldBe(2);
    }
}
