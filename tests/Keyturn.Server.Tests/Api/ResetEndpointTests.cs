using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Api;

public sealed class ResetEndpointTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql", "pg");
        _server.Postgres.Passwords["app"] = "before";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Post_EmptyBody_GeneratesAndProvesAPassword()
    {
        var (status, answer) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");

        status.ShouldBe(HttpStatusCode.OK);
        answer["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["app"]);
        answer["reset"]!["state"]!.GetValue<string>().ShouldBe("done");
        answer["reset"]!["nodes"]![0]!["proof"]!.GetValue<string>().ShouldBe("login");
    }

    [Fact]
    public async Task Post_GivenPassword_SetsIt()
    {
        var (status, answer) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"password":"Giv3n-by-the-caller"}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer["password"]!.GetValue<string>().ShouldBe("Giv3n-by-the-caller");
        _server.Postgres.Passwords["app"].ShouldBe("Giv3n-by-the-caller");
    }

    [Theory]
    [InlineData("reset", """{"keep_old_for_seconds":3600}""")]
    [InlineData("discard-old", null)]
    public async Task Post_OldPasswordOnAServerThatKeepsNone_IsRefusedUnchanged(string what, string? body)
    {
        await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"password":"Giv3n-by-the-caller"}""");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, $"/api/v1/instances/pg/accounts/app/{what}", body));

        (await response.ProblemAsync("engine", 424))["cause"]!.GetValue<string>().ShouldBe("unsupported");
        _server.Postgres.Passwords["app"].ShouldBe("Giv3n-by-the-caller");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("7776001")]
    [InlineData("9223372036854775807")]
    public async Task Post_KeepOldForOutOfBounds_IsInvalid(string seconds)
    {
        using var response = await _server.Client.SendAsync(
            _server.Request(HttpMethod.Post, "/api/v1/instances/pg/accounts/app/reset", $$"""{"keep_old_for_seconds":{{seconds}}}"""));

        await response.ProblemAsync("invalid-request", 422);
    }

    [Fact]
    public async Task Sessions_ServerThatIsNotAsked_SaysSoAndNotZero()
    {
        await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");

        var (status, answer) = await _server.GetAsync("/api/v1/instances/pg/accounts/app/sessions");

        status.ShouldBe(HttpStatusCode.OK);
        answer["is_complete"]!.GetValue<bool>().ShouldBeFalse();
        var node = answer["nodes"]!.AsArray().ShouldHaveSingleItem()!;
        node["old"].ShouldBeNull();
        node["cause"]!.GetValue<string>().ShouldBe("unsupported");
    }

    [Fact]
    public async Task Post_EndSessionsOnAServerThatIsNotAsked_IsDoneAndSaysSo()
    {
        var (status, answer) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"end_sessions":true}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["app"]);
        answer["sessions"]!["is_complete"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Post_EndSessionsOfTheAdminLogin_IsRefusedUnchanged()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances/pg/accounts/admin/reset", """{"end_sessions":true}"""));

        await response.ProblemAsync("protected", 403);
        _server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Sessions_AccountThatKeyturnNeverReset_IsRefused()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/instances/pg/accounts/app/end-sessions", null));

        await response.ProblemAsync("reset-missing", 404);
    }

    [Fact]
    public async Task Post_RevealFalse_AnswersWithoutPassword()
    {
        var (status, answer) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"reveal":false}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer.ToJsonString().ShouldNotContain(_server.Postgres.Passwords["app"]);
    }

    [Fact]
    public async Task Post_Done_NamesTheResetWhoseStoryCanBeRead()
    {
        using var response = await _server.Client.PostAsync("/api/v1/instances/pg/accounts/app/reset", content: null);

        var id = response.Headers.GetValues("Keyturn-Reset-Id").ShouldHaveSingleItem();
        var (status, story) = await _server.GetAsync($"/api/v1/resets/{id}");
        status.ShouldBe(HttpStatusCode.OK);
        story["reset"]!["events"]!.AsArray().Select(line => line!["phase"]!.GetValue<string>()).ShouldContain("proved");
        (await _server.Stranger.GetAsync($"/api/v1/resets/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Post_SameIdempotencyKeyTwice_ChangesThePasswordOnce()
    {
        var first = await PostWithKeyAsync("k1", body: null);
        var second = await PostWithKeyAsync("k1", body: null);

        second["password"]!.GetValue<string>().ShouldBe(first["password"]!.GetValue<string>());
        second["reset"]!["id"]!.GetValue<string>().ShouldBe(first["reset"]!["id"]!.GetValue<string>());
        _server.Postgres.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task Post_SameIdempotencyKeyForAnotherRequest_IsRefused()
    {
        await PostWithKeyAsync("k1", body: null);

        var refused = await PostWithKeyAsync("k1", """{"password":"An0ther-request-now"}""");

        refused["type"]!.GetValue<string>().ShouldBe("urn:keyturn:problem:key-reused");
        refused["status"]!.GetValue<int>().ShouldBe(422);
        _server.Postgres.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task Post_ServerDoesNotAnswer_IsAcceptedAndSettledLater()
    {
        _server.Postgres.OnChange = () =>
        {
            _server.Postgres.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };

        var (status, answer) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");

        status.ShouldBe(HttpStatusCode.Accepted);
        answer["reset"]!["state"]!.GetValue<string>().ShouldBe("undecided");
        answer["password"].ShouldBeNull();

        (_server.Postgres.Down, _server.Postgres.OnChange) = (null, null);
        await EndsAsync(answer["reset"]!["id"]!.GetValue<string>(), "done");
        var (_, secret) = await _server.GetAsync("/api/v1/instances/pg/accounts/app/secret");
        secret["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["app"]);
    }

    [Fact]
    public async Task Post_ServerRefusesTheChange_IsAFailedResetWithItsCause()
    {
        _server.Postgres.OnChange = () => ChangeResult.Refused(EngineError.PasswordRefusedByServer, "The password is too plain.");

        using var response = await _server.Client.PostAsync("/api/v1/instances/pg/accounts/app/reset", content: null);
        var problem = await response.ProblemAsync("engine", 424);

        problem["cause"]!.GetValue<string>().ShouldBe("password-refused-by-server");
        problem["next_step"]!.GetValue<string>().ShouldNotBeEmpty();
        problem["reset_id"]!.GetValue<string>().ShouldBe(response.Headers.GetValues("Keyturn-Reset-Id").Single());
        _server.Postgres.Passwords["app"].ShouldBe("before");
    }

    [Fact]
    public async Task Post_ServerIsDown_ChangesAndStoresNothing()
    {
        _server.Postgres.Down = new Failure(EngineError.NameNotResolved, "No such host.");

        var (status, problem) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");

        ((int)status).ShouldBe(424);
        problem["cause"]!.GetValue<string>().ShouldBe("name-not-resolved");
        var (_, resets) = await _server.GetAsync("/api/v1/resets?instance=pg");
        resets["resets"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/api/v1/instances/nowhere/accounts/app/reset", null, 404, "instance-missing")]
    [InlineData("/api/v1/instances/pg/accounts/nobody/reset", null, 404, "account-missing")]
    [InlineData("/api/v1/instances/pg/accounts/rdsAdmin/reset", null, 403, "protected")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", """{"password":"short"}""", 422, "password-policy")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", """{"auth_plugin":"caching_sha2_password"}""", 422, "invalid-request")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", """{"password":17}""", 400, "malformed")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", """{"proof":"faith"}""", 400, "malformed")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", """{"password":"Once-1-upon","password":"Tw1ce-a-time"}""", 400, "malformed")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", "[]", 400, "malformed")]
    [InlineData("/api/v1/instances/pg/accounts/app/reset", """{"password":"Lone-surr0gate-\ud800"}""", 400, "malformed")]
    public async Task Post_Refused_IsAProblemAndChangesNothing(string path, string? body, int status, string slug)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, path, body));

        await response.ProblemAsync(slug, status);
        _server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Post_BrokenPolicy_NamesEveryRule()
    {
        var (_, problem) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"password":"app"}""");

        problem["violations"]!.AsArray().Select(violation => violation!["rule"]!.GetValue<string>()).ShouldBe(["min-length", "classes", "equals-name", "weak"], ignoreOrder: true);
    }

    [Fact]
    public async Task Post_FrozenInstance_IsRefused()
    {
        await _server.SendAsync(HttpMethod.Patch, "/api/v1/instances/pg", """{"status":"frozen"}""");

        using var response = await _server.Client.PostAsync("/api/v1/instances/pg/accounts/app/reset", content: null);

        await response.ProblemAsync("instance-frozen", 409);
    }

    [Fact]
    public async Task Post_CallerHangsUp_RepeatGetsTheSameReset()
    {
        var gate = new TaskCompletionSource();
        _server.Postgres.Gate = gate.Task;
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, _server.Address.Port);
        await using var connection = caller.GetStream();
        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/instances/pg/accounts/app/reset HTTP/1.1\r\nHost: keyturn\r\nAuthorization: Bearer {_server.Token.Reveal()}\r\nContent-Length: 0\r\n\r\n"));
        await Eventually.ShouldAsync(() => _server.Postgres.Changes == 1);

        caller.Client.Shutdown(SocketShutdown.Send);
        await ServerHasNoticedAsync(connection);
        var repeat = _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");

        // The first one goes on once the second has arrived; an answer written before the hang-up is noticed would count as delivered.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        gate.SetResult();
        var (status, answer) = await repeat;

        status.ShouldBe(HttpStatusCode.OK);
        answer["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["app"]);
        _server.Postgres.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task Post_WithoutKeyTwice_AreTwoResets()
    {
        var (_, first) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");
        var (_, second) = await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset");

        second["password"]!.GetValue<string>().ShouldNotBe(first["password"]!.GetValue<string>());
        _server.Postgres.Changes.ShouldBe(2);
    }

    /// <summary>The server ends the connection once it has seen that the caller did.</summary>
    private static async Task ServerHasNoticedAsync(Stream connection)
    {
        using var reader = new StreamReader(connection);
        await reader.ReadToEndAsync();
    }

    private async Task<JsonNode> PostWithKeyAsync(string key, string? body)
    {
        using var request = _server.Request(HttpMethod.Post, "/api/v1/instances/pg/accounts/app/reset", body);
        request.Headers.Add("Idempotency-Key", key);
        using var response = await _server.Client.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private Task EndsAsync(string resetId, string state) => Eventually.ShouldAsync(async () =>
    {
        var (_, story) = await _server.GetAsync($"/api/v1/resets/{resetId}");
        return story["reset"]!["state"]!.GetValue<string>() == state;
    });
}
