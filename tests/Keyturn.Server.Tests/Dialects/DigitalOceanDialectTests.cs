using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects;

public sealed class DigitalOceanDialectTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private string _mysql = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _mysql = await _server.RegisterAsync("mysql", "shop", ""","tags":{"env":"test","plain":""}""");
        _server.MySql.Passwords["app-01"] = "before";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ResetAuth_DocumentationsSample_AnswersLikeDigitalOcean()
    {
        using var response = await ResetAsync("""{"mysql_settings": {"auth_plugin": "caching_sha2_password"}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldBe(
            """{"user":{"name":"app-01","role":"normal","password":"NEW","mysql_settings":{"auth_plugin":"caching_sha2_password"}}}"""
                .Replace("NEW", _server.MySql.Passwords["app-01"], StringComparison.Ordinal));
        Guid.Parse(response.Headers.GetValues("Keyturn-Reset-Id").Single()).ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task AnyAnswer_HasTheHeadersThatClientsParse()
    {
        using var response = await _server.Client.GetAsync("/v2/databases");
        using var refused = await _server.Anonymous.GetAsync("/v2/databases");

        foreach (var answer in new[] { response, refused })
        {
            int.Parse(answer.Headers.GetValues("ratelimit-limit").Single()).ShouldBe(5000);
            int.Parse(answer.Headers.GetValues("ratelimit-remaining").Single()).ShouldBeInRange(4990, 5000);
            int.Parse(answer.Headers.GetValues("ratelimit-reset").Single()).ShouldBeGreaterThan(1_700_000_000);
            Guid.Parse(answer.Headers.GetValues("x-request-id").Single()).ShouldNotBe(Guid.Empty);
        }
    }

    [Theory]
    [InlineData("{}", "application/json")]
    [InlineData("{}\n", "application/json")]
    [InlineData("", "application/json")]
    [InlineData("", null)]
    [InlineData("null", "application/json")]
    [InlineData("{}", "application/x-www-form-urlencoded")]
    [InlineData("""{"settings":{"pg_allow_replication":true},"unknown":[1]}""", "application/json")]
    [InlineData("""{"mysql_settings":null}""", "application/json")]
    public async Task ResetAuth_BodyWithoutPlugin_KeepsTheOneThatIs(string body, string? contentType)
    {
        using var response = await ResetAsync(body, contentType);

        var user = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["user"]!;
        response.StatusCode.ShouldBe(HttpStatusCode.OK, user.ToJsonString());
        user["password"]!.GetValue<string>().ShouldBe(_server.MySql.Passwords["app-01"]);
        user["mysql_settings"]!["auth_plugin"]!.GetValue<string>().ShouldBe("caching_sha2_password");
    }

    [Theory]
    [InlineData("""{"mysql_settings":{"auth_plugin":"sha256_password"}}""", 422, "unprocessable_entity")]
    [InlineData("""{"mysql_settings":{"auth_plugin":""}}""", 422, "unprocessable_entity")]
    [InlineData("""{"mysql_settings":{}}""", 422, "unprocessable_entity")]
    [InlineData("""{"mysql_settings":"caching_sha2_password"}""", 400, "bad_request")]
    [InlineData("""{"mysql_settings":{"auth_plugin":1}}""", 400, "bad_request")]
    [InlineData("[]", 400, "bad_request")]
    [InlineData("{", 400, "bad_request")]
    public async Task ResetAuth_BadBody_ChangesNothing(string body, int status, string id)
    {
        using var response = await ResetAsync(body);

        await ShouldBeErrorAsync(response, status, id);
        _server.MySql.Passwords["app-01"].ShouldBe("before");
        _server.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task ResetAuth_PluginForAnotherEngine_IsUnprocessable()
    {
        var pg = await _server.RegisterAsync("postgresql");
        _server.Postgres.Passwords["app-01"] = "before";

        using var response = await ResetAsync("""{"mysql_settings":{"auth_plugin":"caching_sha2_password"}}""", database: pg);

        await ShouldBeErrorAsync(response, 422, "unprocessable_entity");
        _server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task ResetAuth_PostgreSql_HasNoMysqlSettings()
    {
        var pg = await _server.RegisterAsync("postgresql");
        _server.Postgres.Passwords["app-01"] = "before";

        using var response = await ResetAsync("{}", database: pg);

        (await response.Content.ReadAsStringAsync()).ShouldBe(
            """{"user":{"name":"app-01","role":"normal","password":"NEW"}}""".Replace("NEW", _server.Postgres.Passwords["app-01"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResetAuth_Caching_IsUnprocessable()
    {
        var redis = await _server.RegisterAsync("redis");

        using var response = await ResetAsync("{}", database: redis);

        await ShouldBeErrorAsync(response, 422, "unprocessable_entity");
    }

    [Theory]
    [InlineData("9cc10173-e9ea-4176-9dbc-a4cee4c4ff30", "app-01")]
    [InlineData("not-a-uuid", "app-01")]
    [InlineData("shop", "app-01")]
    [InlineData(null, "nobody")]
    public async Task ResetAuth_UnknownClusterOrUser_IsNotFound(string? database, string user)
    {
        using var response = await ResetAsync("{}", database: database, user: user);

        await ShouldBeErrorAsync(response, 404, "not_found");
    }

    [Fact]
    public async Task ResetAuth_UserHeldByItsOnlyRow_ResetsThatRow()
    {
        await _server.PostAsync("/api/v1/instances/shop/accounts/app-01/adopt?host=%25", """{"password":"before"}""");

        using var response = await ResetAsync("{}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var (_, secret) = await _server.GetAsync("/api/v1/instances/shop/accounts/app-01/secret?host=%25");
        secret["password"]!.GetValue<string>().ShouldBe(_server.MySql.Passwords["app-01"]);
    }

    [Fact]
    public async Task ResetAuth_AnotherProjectsCluster_IsNotFound()
    {
        using var response = await _server.Stranger.PostAsync($"/v2/databases/{_mysql}/users/app-01/reset_auth", content: null);

        await ShouldBeErrorAsync(response, 404, "not_found");
        _server.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task ResetAuth_NoAnswerFromTheDatabase_IsAConflictThatNobodyRepeats()
    {
        _server.MySql.OnChange = () =>
        {
            _server.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };

        using var response = await ResetAsync("{}");

        await ShouldBeErrorAsync(response, 409, "conflict");
        response.Headers.Contains("Keyturn-Reset-Id").ShouldBeTrue();
        response.Headers.RetryAfter.ShouldBeNull();
    }

    [Theory]
    [InlineData(EngineError.PasswordRefusedByServer, 422, "unprocessable_entity")]
    [InlineData(EngineError.Unsupported, 422, "unprocessable_entity")]
    [InlineData(EngineError.AdminLacksPrivilege, 409, "conflict")]
    [InlineData(EngineError.ServerError, 409, "conflict")]
    public async Task ResetAuth_DatabaseRefuses_IsNeverAServerError(EngineError cause, int status, string id)
    {
        _server.MySql.OnChange = () => ChangeResult.Refused(cause, "The database says no.");

        using var response = await ResetAsync("{}");

        (await ShouldBeErrorAsync(response, status, id)).ShouldContain("The database says no.");
    }

    [Fact]
    public async Task ResetAuth_DatabaseIsDown_IsAConflictAndStoresNothing()
    {
        _server.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        using var response = await ResetAsync("{}");

        await ShouldBeErrorAsync(response, 409, "conflict");
        (await _server.GetAsync("/api/v1/resets")).Body["resets"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task ResetAuth_FrozenCluster_IsAConflict()
    {
        await _server.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", """{"status":"frozen"}""");

        using var response = await ResetAsync("{}");

        await ShouldBeErrorAsync(response, 409, "conflict");
    }

    [Theory]
    [InlineData("/v2/databases")]
    [InlineData("/v2/databases/x/nowhere")]
    public async Task AnyPath_WithoutToken_IsUnauthorizedLikeDigitalOcean(string path)
    {
        using var response = await _server.Anonymous.GetAsync(path);

        (await ShouldBeErrorAsync(response, 401, "unauthorized")).ShouldBe("Unable to authenticate you.");
    }

    [Fact]
    public async Task UnknownPath_WithToken_IsNotFoundLikeDigitalOcean()
    {
        using var response = await _server.Client.GetAsync($"/v2/databases/{_mysql}/firewall");

        (await ShouldBeErrorAsync(response, 404, "not_found")).ShouldBe("The resource you requested could not be found.");
    }

    [Fact]
    public async Task GetCluster_Registered_HasTheTypesThatClientsParse()
    {
        var (status, answer) = await _server.GetAsync($"/v2/databases/{_mysql}");

        status.ShouldBe(HttpStatusCode.OK);
        var database = answer["database"]!;
        database["id"]!.GetValue<string>().ShouldBe(_mysql);
        database["engine"]!.GetValue<string>().ShouldBe("mysql");
        database["version"]!.GetValue<string>().ShouldBe("15");
        database["semantic_version"]!.GetValue<string>().ShouldBe("15.3");
        database["num_nodes"]!.GetValue<int>().ShouldBe(1);
        database["status"]!.GetValue<string>().ShouldBe("online");
        database["created_at"]!.GetValue<DateTimeOffset>().Year.ShouldBeGreaterThan(2024);
        database["connection"]!["port"]!.GetValue<int>().ShouldBe(5432);
        database["tags"]!.AsArray().Select(tag => tag!.GetValue<string>()).ShouldBe(["env:test", "plain"]);
        answer.ToJsonString().ShouldNotContain("Adm1n-Pa55word");
    }

    [Fact]
    public async Task ListClusters_ByTag_FiltersAndCounts()
    {
        await _server.RegisterAsync("postgresql");

        (await _server.GetAsync("/v2/databases")).Body["meta"]!["total"]!.GetValue<int>().ShouldBe(2);
        var (_, tagged) = await _server.GetAsync("/v2/databases?tag_name=env:test");

        tagged["databases"]!.AsArray().ShouldHaveSingleItem()!["name"]!.GetValue<string>().ShouldBe("shop");
        tagged["links"]!.ToJsonString().ShouldBe("{}");
    }

    [Fact]
    public async Task ListUsers_Paged_LinksToTheOtherPages()
    {
        _server.MySql.Passwords["b"] = _server.MySql.Passwords["c"] = "x";

        var (_, first) = await _server.GetAsync($"/v2/databases/{_mysql}/users?page=1&per_page=3");
        var (_, second) = await _server.GetAsync(new Uri(first["links"]!["pages"]!["next"]!.GetValue<string>()).PathAndQuery);

        first["users"]!.AsArray().Select(user => user!["name"]!.GetValue<string>()).ShouldBe(["admin", "app-01", "b"]);
        second["users"]!.AsArray().Select(user => user!["name"]!.GetValue<string>()).ShouldBe(["c"]);
        second["links"]!["pages"]!["next"].ShouldBeNull();
        second["meta"]!["total"]!.GetValue<int>().ShouldBe(4);
    }

    [Fact]
    public async Task GetUser_AfterReset_HasTheNewPassword()
    {
        using var reset = await ResetAsync("{}");

        var (status, answer) = await _server.GetAsync($"/v2/databases/{_mysql}/users/app-01");

        status.ShouldBe(HttpStatusCode.OK);
        answer["user"]!["password"]!.GetValue<string>().ShouldBe(_server.MySql.Passwords["app-01"]);
        answer["user"]!["role"]!.GetValue<string>().ShouldBe("normal");
    }

    [Fact]
    public async Task GetUser_NotHeld_LeavesThePasswordOut()
    {
        var (status, answer) = await _server.GetAsync($"/v2/databases/{_mysql}/users/app-01");

        status.ShouldBe(HttpStatusCode.OK);
        answer["user"]!.AsObject().ContainsKey("password").ShouldBeFalse();
    }

    [Fact]
    public async Task GetUser_DatabaseSleeps_IsNeverNotFound()
    {
        using var reset = await ResetAsync("{}");
        _server.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        var (held, _) = await _server.GetAsync($"/v2/databases/{_mysql}/users/app-01");
        var (unknown, _) = await _server.GetAsync($"/v2/databases/{_mysql}/users/other");
        var (_, listed) = await _server.GetAsync($"/v2/databases/{_mysql}/users");

        held.ShouldBe(HttpStatusCode.OK);
        unknown.ShouldBe(HttpStatusCode.Conflict);
        listed["users"]!.AsArray().Select(user => user!["name"]!.GetValue<string>()).ShouldBe(["admin", "app-01"]);
    }

    [Fact]
    public async Task GetUser_WhileAResetIsOpen_ShowsNoPassword()
    {
        using var adopted = await ResetAsync("{}");
        _server.MySql.OnChange = () =>
        {
            _server.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };
        using var undecided = await ResetAsync("{}");

        using var response = await _server.Client.GetAsync($"/v2/databases/{_mysql}/users/app-01");
        var (_, listed) = await _server.GetAsync($"/v2/databases/{_mysql}/users");

        await ShouldBeErrorAsync(response, 409, "conflict");
        listed["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "app-01")!.AsObject().ContainsKey("password").ShouldBeFalse();
    }

    [Fact]
    public async Task Autoscale_OfACluster_IsOff() =>
        (await _server.GetAsync($"/v2/databases/{_mysql}/autoscale")).Body.ToJsonString().ShouldBe("""{"autoscale":{"storage":{"enabled":false}}}""");

    private async Task<HttpResponseMessage> ResetAsync(string body, string? contentType = "application/json", string? database = null, string user = "app-01")
    {
        using var request = _server.Request(HttpMethod.Post, $"/v2/databases/{database ?? _mysql}/users/{user}/reset_auth");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
        {
            request.Content.Headers.Add("Content-Type", contentType);
        }

        return await _server.Client.SendAsync(request);
    }

    private static async Task<string> ShouldBeErrorAsync(HttpResponseMessage response, int status, string id)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        var error = JsonNode.Parse(text)!;
        error["id"]!.GetValue<string>().ShouldBe(id);
        error["request_id"]!.GetValue<string>().ShouldBe(response.Headers.GetValues("x-request-id").Single());
        return error["message"]!.GetValue<string>();
    }
}
