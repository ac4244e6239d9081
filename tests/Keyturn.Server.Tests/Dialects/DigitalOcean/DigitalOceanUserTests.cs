using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.DigitalOcean;

public sealed class DigitalOceanUserTests : DigitalOceanTest
{
    private const string NotRights = "cannot be applied: Keyturn changes passwords, not rights; grant them on the database";

    [Fact]
    public async Task AddUser_MySql_IsCreatedWithAGeneratedPassword()
    {
        var answer = await SendAsync("POST", $"/{MySql}/users", """{"name":"tf-user","mysql_settings":{"auth_plugin":"mysql_native_password"}}""");

        answer.ShouldBe(
            $$$$"""
            201
            {{{{Headers.Replace("\nratelimit-limit", "\nKeyturn-Reset-Id: ID\nratelimit-limit", StringComparison.Ordinal)}}}}
            {"user":{"name":"tf-user","role":"normal","password":"{{{{Server.MySql.Passwords["tf-user"]}}}}","mysql_settings":{"auth_plugin":"mysql_native_password"}}}
            """.ReplaceLineEndings("\n"));
        var (_, read) = await Server.GetAsync($"/v2/databases/{MySql}/users/tf-user");
        read["user"]!["password"]!.GetValue<string>().ShouldBe(Server.MySql.Passwords["tf-user"]);
    }

    [Theory]
    [InlineData("""{"name":"new"}""")]
    [InlineData("""{"name":"new","settings":{},"readonly":false,"unknown":1}""")]
    [InlineData("""{"name":"new","settings":{"pg_allow_replication":false}}""")]
    public async Task AddUser_PostgreSqlAskingForNoRights_IsCreated(string body)
    {
        (await SendAsync("POST", $"/{Postgres}/users", body)).ShouldEndWith($$$"""{"user":{"name":"new","role":"normal","password":"{{{Server.Postgres.Passwords["new"]}}}"}}""");
    }

    [Fact]
    public async Task AddUser_KeyThatMayNotReveal_StillGetsItsPassword()
    {
        using var client = await Server.ClientAsync("database:create");

        (await SendAsync("POST", $"/{Postgres}/users", """{"name":"new"}""", client)).ShouldContain(Server.Postgres.Passwords["new"]);
    }

    [Theory]
    [InlineData("", "name is required")]
    [InlineData("{}", "name is required")]
    [InlineData("""{"name":""}""", "name is required")]
    [InlineData("""{"name":"new","mysql_settings":{"auth_plugin":"caching_sha2_password"}}""", "mysql_settings are for MySQL clusters")]
    [InlineData("""{"name":"new","readonly":true}""", "readonly cannot be applied: Keyturn makes users without rights; grant them on the database")]
    [InlineData("""{"name":"new","settings":{"pg_allow_replication":true}}""", $"settings.pg_allow_replication {NotRights}")]
    [InlineData("""{"name":"new","settings":{"acl":[]}}""", $"settings.acl {NotRights}")]
    [InlineData("""{"name":"new","settings":{"opensearch_acl":[]}}""", $"settings.opensearch_acl {NotRights}")]
    [InlineData("""{"name":"new","settings":{"mongo_user_settings":{"role":"readWrite"}}}""", $"settings.mongo_user_settings {NotRights}")]
    public async Task AddUser_CannotBeDone_IsUnprocessableAndMakesNone(string body, string message)
    {
        (await SendAsync("POST", $"/{Postgres}/users", body)).ShouldBe(Error(422, "unprocessable_entity", message));
        Server.Postgres.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("[]", "The body is not a JSON object.")]
    [InlineData("""{"name":1}""", "The member name has the wrong type or value, occurs twice, or the JSON breaks there.")]
    [InlineData("""{"name":"a","settings":1}""", "The member settings has the wrong type or value, occurs twice, or the JSON breaks there.")]
    [InlineData("""{"name":"a","name":"b"}""", "The member name has the wrong type or value, occurs twice, or the JSON breaks there.")]
    public async Task AddUser_MalformedBody_IsABadRequest(string body, string message) =>
        (await SendAsync("POST", $"/{Postgres}/users", body)).ShouldBe(Error(400, "bad_request", $"error parsing request body: {message}"));

    [Fact]
    public async Task AddUser_BodyTooLarge_IsRefused() =>
        (await SendAsync("POST", $"/{Postgres}/users", new string(' ', (1 << 20) + 1))).ShouldStartWith(
            Error(413, "request_entity_too_large", "The request body is too large.").Replace("413\n", "413\nConnection: close\n", StringComparison.Ordinal));

    [Fact]
    public async Task AddUser_KeyOfAnotherRequest_IsUnprocessable()
    {
        async Task<string> WithKeyAsync(string body)
        {
            using var request = Server.Request(HttpMethod.Post, $"/v2/databases/{MySql}/users", body);
            request.Headers.Add("Idempotency-Key", "one");
            using var response = await Server.Client.SendAsync(request);
            return await response.WholeAsync();
        }

        var first = await WithKeyAsync("""{"name":"new"}""");

        (await WithKeyAsync("""{"name":"new"}""")).ShouldBe(first);
        (await WithKeyAsync("""{"name":"new","mysql_settings":{"auth_plugin":"mysql_native_password"}}""")).ShouldBe(
            Error(422, "unprocessable_entity", "The idempotency key was used for another request.", namesReset: true));
        Server.MySql.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task AddUser_BadPlugin_IsUnprocessable() =>
        (await SendAsync("POST", $"/{MySql}/users", """{"name":"new","mysql_settings":{"auth_plugin":"x"}}""")).ShouldBe(
            Error(422, "unprocessable_entity", "mysql_settings.auth_plugin must be one of mysql_native_password, caching_sha2_password"));

    [Fact]
    public async Task AddUser_NameIsTaken_IsAConflict()
    {
        (await SendAsync("POST", $"/{Postgres}/users", """{"name":"app"}""")).ShouldBe(
            Error(409, "conflict", "app exists already. Reset or adopt the account instead of creating it."));
        Server.Postgres.Passwords["app"].ShouldBe("before");
    }

    [Fact]
    public async Task AddUser_ProvidersName_IsForbidden() =>
        (await SendAsync("POST", $"/{MySql}/users", """{"name":"rdsAdmin"}""")).ShouldBe(Error(403, "forbidden", "rdsAdmin is the provider\\u0027s own account."));

    [Fact]
    public async Task AddUser_NoAnswerFromTheDatabase_IsAConflictThatNobodyRepeats()
    {
        FallSilent(Server.Postgres);

        (await SendAsync("POST", $"/{Postgres}/users", """{"name":"new"}""")).ShouldBe(Error(
            409, "conflict", "The database has not answered yet. Keyturn holds the new password and is finding out whether it is in force; do not send the request again.", namesReset: true));
    }

    [Fact]
    public async Task UpdateUser_NoSettings_AnswersTheUserAsItIs()
    {
        (await SendAsync("PUT", $"/{MySql}/users/app", """{"settings":{}}""")).ShouldBe(
            $$$$"""
            201
            {{{{Headers}}}}
            {"user":{"name":"app","role":"normal","mysql_settings":{"auth_plugin":"caching_sha2_password"}}}
            """.ReplaceLineEndings("\n"));
        Server.MySql.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("", "settings is required")]
    [InlineData("""{"name":"x"}""", "settings is required")]
    [InlineData("""{"settings":{"pg_allow_replication":true}}""", $"settings.pg_allow_replication {NotRights}")]
    [InlineData("""{"settings":{"pg_allow_replication":false}}""", $"settings.pg_allow_replication {NotRights}")]
    [InlineData("""{"settings":{"mongo_user_settings":{}}}""", $"settings.mongo_user_settings {NotRights}")]
    public async Task UpdateUser_CannotBeDone_IsUnprocessable(string body, string message) =>
        (await SendAsync("PUT", $"/{Postgres}/users/app", body)).ShouldBe(Error(422, "unprocessable_entity", message));

    [Theory]
    [InlineData("PUT", """{"settings":{}}""")]
    [InlineData("DELETE", null)]
    [InlineData("GET", null)]
    public async Task AnyCall_NoSuchUser_IsNotFound(string method, string? body) =>
        (await SendAsync(method, $"/{Postgres}/users/nobody", body)).ShouldBe(Error(404, "not_found", "The resource you requested could not be found."));

    [Theory]
    [InlineData("ed25519 or mysql_native_password", ""","mysql_settings":{"auth_plugin":"mysql_native_password"}""")]
    [InlineData("sha256_password", "")]
    public async Task GetUser_OtherMethod_ShowsOnlyPluginsThatClientsKnow(string method, string settings)
    {
        Server.MySql.Method = method;

        (await SendAsync("GET", $"/{MySql}/users/app")).ShouldEndWith($$$"""{"user":{"name":"app","role":"normal"{{{settings}}}}}""");
    }

    [Fact]
    public async Task DeleteUser_Held_IsGoneFromServerAndStore()
    {
        await SendAsync("POST", $"/{Postgres}/users/app/reset_auth");

        (await SendAsync("DELETE", $"/{Postgres}/users/app")).ShouldBe("204\nratelimit-limit: 5000\nratelimit-remaining: N\nratelimit-reset: N\n");

        Server.Postgres.Passwords.ShouldNotContainKey("app");
        (await Server.GetAsync("/api/v1/instances/orders/accounts/app/secret")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task DeleteUser_SeveralRowsOneOfThemHeld_AllAreGoneFromServerAndStore()
    {
        Server.MySql.Passwords["app@10.0.0.1"] = "before";
        await Server.PostAsync("/api/v1/instances/shop/accounts/app/reset?host=10.0.0.1");

        (await SendAsync("DELETE", $"/{MySql}/users/app")).ShouldStartWith("204\n");

        Server.MySql.Passwords.Keys.ShouldBe(["admin"]);
        (await Server.GetAsync("/api/v1/instances/shop/accounts/app/secret?host=10.0.0.1")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task DeleteUser_ResetOfOneRowIsOpen_IsAConflictAndDropsNone()
    {
        Server.MySql.Passwords["app@10.0.0.1"] = "before";
        FallSilent(Server.MySql);
        await Server.PostAsync("/api/v1/instances/shop/accounts/app/reset?host=10.0.0.1");

        (await SendAsync("DELETE", $"/{MySql}/users/app")).ShouldBe(Error(409, "conflict", "A reset of this account is open."));

        Server.MySql.Passwords.Keys.ShouldContain("app");
    }

    [Theory]
    [InlineData("DELETE", "", 204)]
    [InlineData("POST", "/reset_auth", 409)]
    public async Task AnyChange_HeldByTheNameOfARowThatIsGone_IsNeverNotFound(string method, string path, int status)
    {
        Server.MySql.Passwords["app@10.0.0.1"] = "before";
        await Server.PostAsync("/api/v1/instances/shop/accounts/app/reset?host=10.0.0.1");
        Server.MySql.Passwords.Remove("app@10.0.0.1");

        (await SendAsync(method, $"/{MySql}/users/app{path}")).ShouldStartWith($"{status}\n");
    }

    [Fact]
    public async Task DeleteUser_PrimaryOrAdmin_IsForbidden()
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", """{"main_account":"app"}""");

        (await SendAsync("DELETE", $"/{Postgres}/users/app")).ShouldBe(Error(403, "forbidden", "app is the cluster\\u0027s primary user."));
        (await SendAsync("DELETE", $"/{Postgres}/users/admin")).ShouldBe(Error(403, "forbidden", "admin is the login that Keyturn administers orders with."));
        Server.Postgres.Passwords.Keys.ShouldBe(["admin", "app"], ignoreOrder: true);
        var (_, audit) = await Server.GetAsync("/api/v1/audit?action=account.drop&outcome=refused");
        audit["entries"]!.AsArray().Select(entry => $"{entry!["account"]}: {entry["detail"]}").ShouldBe(["admin: Protected", "app: Protected"]);
    }

    [Fact]
    public async Task DeleteUser_WhileAResetIsOpen_IsAConflict()
    {
        FallSilent(Server.Postgres);
        await SendAsync("POST", $"/{Postgres}/users/app/reset_auth");

        (await SendAsync("DELETE", $"/{Postgres}/users/app")).ShouldBe(Error(409, "conflict", "A reset of this account is open."));
    }

    [Fact]
    public async Task DeleteUser_DatabaseIsDown_IsAConflict()
    {
        Server.Postgres.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        (await SendAsync("DELETE", $"/{Postgres}/users/app")).ShouldBe(
            Error(409, "conflict", "Nothing listens. Check that the server runs and that host, port and firewall let Keyturn through."));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/x")]
    [InlineData("POST", "")]
    [InlineData("PUT", "/x")]
    [InlineData("DELETE", "/x")]
    [InlineData("POST", "/x/reset_auth")]
    public async Task AnyCall_CachingCluster_IsUnprocessable(string method, string path)
    {
        var redis = await Server.RegisterAsync("redis");

        (await SendAsync(method, $"/{redis}/users{path}")).ShouldBe(Error(422, "unprocessable_entity", "user management is not supported for Caching or Valkey clusters"));
    }

    [Theory]
    [InlineData("POST", "", "database:update")]
    [InlineData("PUT", "/app", "database:read")]
    [InlineData("DELETE", "/app", "database:update")]
    [InlineData("POST", "/app/reset_auth", "database:create")]
    [InlineData("GET", "/app", "database:create")]
    [InlineData("GET", "", "database:view_credentials")]
    public async Task AnyCall_TokenIsNotForIt_IsForbidden(string method, string path, string scope)
    {
        using var client = await Server.ClientAsync(scope);

        (await SendAsync(method, $"/{Postgres}/users{path}", "{}", client)).ShouldBe(Error(403, "forbidden", "You do not have permission to perform this action."));
        Server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reads_TokenThatMayNotSeeCredentials_LeavePasswordsOut()
    {
        await SendAsync("POST", $"/{Postgres}/users/app/reset_auth");
        using var client = await Server.ClientAsync("database:read");

        (await SendAsync("GET", $"/{Postgres}/users/app", client: client)).ShouldEndWith("""{"user":{"name":"app","role":"normal"}}""");
        (await SendAsync("GET", $"/{Postgres}/users", client: client)).ShouldEndWith(
            """{"users":[{"name":"admin","role":"primary"},{"name":"app","role":"normal"}],"links":{},"meta":{"total":2}}""");
    }

    [Fact]
    public async Task ListUsers_ServersOwnAccounts_AreNotShown()
    {
        Server.MySql.Passwords["mysql.sys"] = "locked";

        (await SendAsync("GET", $"/{MySql}/users")).ShouldNotContain("mysql.sys");
        (await SendAsync("DELETE", $"/{MySql}/users/mysql.sys")).ShouldStartWith("403\n");
    }

    [Fact]
    public async Task ListUsers_TokenThatMay_ShowsWhatIsHeldAndAuditsIt()
    {
        await SendAsync("POST", $"/{Postgres}/users/app/reset_auth");

        var (_, listed) = await Server.GetAsync($"/v2/databases/{Postgres}/users");

        listed["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "app")!["password"]!.GetValue<string>().ShouldBe(Server.Postgres.Passwords["app"]);
        listed["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "admin")!["password"].ShouldBeNull("Keyturn's own login is not for every list");
        JsonNode audit = (await Server.GetAsync("/api/v1/audit?limit=10")).Body;
        audit["entries"]!.AsArray().Count(entry => entry!["action"]!.GetValue<string>() == "account.reveal" && entry["account"]!.GetValue<string>() == "app").ShouldBe(1);
    }
}
