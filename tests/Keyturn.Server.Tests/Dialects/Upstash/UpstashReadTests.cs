using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Dialects.Upstash;

public sealed class UpstashReadTests : UpstashTest
{
    [Fact]
    public async Task Get_AfterAReset_IsTheResetsAnswer()
    {
        using var reset = await ResetAsync();

        using var read = await Client.GetAsync($"/v2/redis/database/{Id}");

        (await read.WholeAsync()).ShouldBe($"200\n{Json}\n{await reset.Content.ReadAsStringAsync()}");
    }

    [Fact]
    public async Task Get_NothingHeld_LeavesCredentialsOutAndHasNoNull()
    {
        using var read = await Client.GetAsync($"/v2/redis/database/{Id}");

        var text = await read.Content.ReadAsStringAsync();
        text.ShouldBe(await DatabaseAsync());
        text.ShouldNotContain("null");
        JsonNode.Parse(text)!.AsObject().Select(member => member.Key).ShouldBe(
        [
            "database_id", "cluster_id", "database_name", "database_type", "type", "region", "port", "creation_time", "state", "user_email", "endpoint", "tls",
            "consistent", "pool_id",
        ]);
    }

    [Fact]
    public async Task Get_CredentialsHidden_LeavesThemOut()
    {
        using var reset = await ResetAsync();

        JsonNode.Parse(await DatabaseAsync())!.AsObject().Select(member => member.Key).ShouldNotContain("password");
        (await DatabaseAsync()).ShouldNotContain(Redis.Passwords["default"]);
        (await DatabaseAsync()).ShouldNotContain("rest_token");
    }

    [Theory]
    [InlineData("credentials=HIDE")]
    [InlineData("credentials=hide&credentials=show")]
    public async Task Get_CredentialsHiddenInOtherForms_LeavesThemOut(string query)
    {
        using var reset = await ResetAsync();

        (await Client.GetStringAsync($"/v2/redis/database/{Id}?{query}")).ShouldNotContain("password");
    }

    [Fact]
    public async Task Get_InstanceWithoutAttributes_HasHonestDefaults()
    {
        var plain = await Server.RegisterAsync("redis", "plain");

        using var read = await Client.GetAsync($"/v2/redis/database/{plain}");

        var database = JsonNode.Parse(await read.Content.ReadAsStringAsync())!.AsObject();
        database["database_type"]!.GetValue<string>().ShouldBe("Self-hosted");
        database.ContainsKey("type").ShouldBeFalse();
        database["region"]!.GetValue<string>().ShouldBe("default");
        database["endpoint"]!.GetValue<string>().ShouldBe("db.example");
        database["user_email"]!.GetValue<string>().ShouldBe(Email);
    }

    [Fact]
    public async Task Get_AdoptedPasswordOfAnyLength_HasATokenThatHoldsIt()
    {
        Redis.Passwords["default"] = "plain";
        await Server.PostAsync("/api/v1/instances/cache/accounts/default/adopt", """{"password":"plain"}""");

        using var read = await Client.GetAsync($"/v2/redis/database/{Id}");

        var token = JsonNode.Parse(await read.Content.ReadAsStringAsync())!["rest_token"]!.GetValue<string>();
        var bytes = Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/'));
        bytes[5].ShouldBe((byte)5);
        bytes[42..].ShouldBe("plain"u8.ToArray());
    }

    [Fact]
    public async Task Get_WhileAResetIsOpen_IsAConflictAndTheListLeavesCredentialsOut()
    {
        using var before = await ResetAsync();
        FallSilent();
        using var undecided = await ResetAsync();

        using var read = await Client.GetAsync($"/v2/redis/database/{Id}");
        using var list = await Client.GetAsync("/v2/redis/databases");

        (await read.WholeAsync()).ShouldBe(
            $$"""
            409
            {{Json}}
            Keyturn-Reset-Id: ID
            {"error":"A reset of this account is open, so that nobody knows yet which password is in force. Ask for the candidates, or later."}
            """.ReplaceLineEndings("\n"));
        (await list.Content.ReadAsStringAsync()).ShouldBe($"[{await DatabaseAsync()}]");
    }

    [Theory]
    [InlineData("9cc10173-e9ea-4176-9dbc-a4cee4c4ff30")]
    [InlineData("readonly-check-nonexistent")]
    public async Task Get_NoSuchDatabase_IsNotFound(string id)
    {
        using var response = await Client.GetAsync($"/v2/redis/database/{id}");

        (await response.WholeAsync()).ShouldBe($"404\n{Json}\n{{\"error\":\"database not found\"}}");
    }

    [Fact]
    public async Task List_AfterAReset_IsABareArrayOfRedisOnly()
    {
        await Server.RegisterAsync("mysql");
        using var reset = await ResetAsync();

        using var list = await Client.GetAsync("/v2/redis/databases");

        (await list.WholeAsync()).ShouldBe($"200\n{Json}\n[{await reset.Content.ReadAsStringAsync()}]");
    }

    [Fact]
    public async Task List_NothingRegistered_IsAnEmptyArray()
    {
        using var stranger = await ClientAsync("stranger@example.com", "stranger@example.com", "project-of-stranger");

        (await stranger.GetStringAsync("/v2/redis/databases")).ShouldBe("[]");
    }

    [Fact]
    public async Task Reads_WithCredentials_AreAudited()
    {
        using var reset = await ResetAsync();
        (await Client.GetAsync("/v2/redis/databases")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Client.GetAsync($"/v2/redis/database/{Id}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await DatabaseAsync();

        var (_, audit) = await Server.GetAsync("/api/v1/audit?limit=10");

        audit["entries"]!.AsArray().Count(entry => entry!["action"]!.GetValue<string>() == "account.reveal").ShouldBe(2);
    }

    /// <summary>The MCP server's probe: whatever is answered must not say "Readonly API key", and nothing may be deleted.</summary>
    [Fact]
    public async Task Delete_NoSuchDatabase_IsNotFound()
    {
        using var response = await Client.DeleteAsync("/v2/redis/database/readonly-check-nonexistent");

        (await response.WholeAsync()).ShouldBe($"404\n{Json}\n{{\"error\":\"database not found\"}}");
    }

    [Theory]
    [InlineData("DELETE", "/v2/redis/database/ID")]
    [InlineData("POST", "/v2/redis/database")]
    [InlineData("POST", "/v2/redis/rename/ID")]
    [InlineData("POST", "/v2/redis/enable-tls/ID")]
    [InlineData("POST", "/v2/redis/disable-eviction/ID")]
    [InlineData("PATCH", "/v2/redis/update-budget/ID")]
    [InlineData("POST", "/v2/redis/update-regions/ID")]
    public async Task Manage_AnyDatabase_IsForbiddenAndSaysWhatToDo(string method, string path)
    {
        using var response = await Client.SendAsync(Server.Request(new HttpMethod(method), path.Replace("ID", Id, StringComparison.Ordinal), "{}"));

        (await response.WholeAsync()).ShouldBe(
            $"403\n{Json}\n{{\"error\":\"Keyturn keeps the passwords of databases: make, change or delete the database itself where it runs\"}}");
        (await Client.GetAsync($"/v2/redis/database/{Id}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task UnknownPathOrMethod_WithAKey_IsAnErrorLikeUpstashs()
    {
        using var unknown = await Client.GetAsync("/v2/redis/nowhere");
        using var method = await Client.PutAsync($"/v2/redis/reset-password/{Id}", content: null);

        (await unknown.WholeAsync()).ShouldBe($"404\n{Json}\n{{\"error\":\"not found\"}}");
        (await method.WholeAsync()).ShouldBe($"405\nAllow: POST\n{Json}\n{{\"error\":\"method not allowed\"}}");
    }

    [Theory]
    [InlineData("text/html", HttpStatusCode.NotAcceptable)]
    [InlineData("application/json;q=0, text/*", HttpStatusCode.NotAcceptable)]
    [InlineData("application/json", HttpStatusCode.OK)]
    [InlineData("text/html, */*;q=0.1", HttpStatusCode.OK)]
    [InlineData("application/*", HttpStatusCode.OK)]
    public async Task List_AcceptHeader_MustAllowJson(string accept, HttpStatusCode status)
    {
        using var request = Server.Request(HttpMethod.Get, "/v2/redis/databases");
        request.Headers.Accept.ParseAdd(accept);

        using var response = await Client.SendAsync(request);

        response.StatusCode.ShouldBe(status);
        if (status == HttpStatusCode.NotAcceptable)
        {
            (await response.WholeAsync()).ShouldBe($"406\n{Json}\n{{\"error\":\"not acceptable\"}}");
        }
    }
}
