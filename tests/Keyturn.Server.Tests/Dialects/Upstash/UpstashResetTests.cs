using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Upstash;

public sealed class UpstashResetTests : UpstashTest
{
    /// <summary>How long a request waits for the outcome of the one that it repeats; nothing else waits as long.</summary>
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task ResetPassword_Curl_AnswersEveryMemberOfTheDocumentation()
    {
        using var response = await ResetAsync();

        var text = await response.Content.ReadAsStringAsync();
        var answer = JsonNode.Parse(text)!.AsObject();
        var password = Redis.Passwords["default"];
        password.ShouldMatch("^[0-9a-f]{32}$");
        text.ShouldBe(
            $$"""
            {"database_id":"{{Id}}","cluster_id":"{{answer["cluster_id"]}}","database_name":"cache","database_type":"Pay as You Go","type":"payg","region":"eu-central-1",
            "port":5432,"creation_time":{{answer["creation_time"]}},"state":"active","password":"{{password}}","user_email":"owner@example.com",
            "endpoint":"eu2-sought-mollusk-30143.example.io","tls":true,"consistent":false,"pool_id":"{{answer["pool_id"]}}",
            "rest_token":"{{answer["rest_token"]}}","read_only_rest_token":"{{answer["read_only_rest_token"]}}"}
            """.ReplaceLineEndings(""));
        (await response.WholeAsync()).ShouldStartWith($"200\n{Json}\nKeyturn-Reset-Id: ID\n{{\"database_id\"");
        answer["cluster_id"]!.GetValue<string>().ShouldMatch("^[0-9a-f]{8}$");
        answer["pool_id"]!.GetValue<string>().ShouldMatch("^[0-9a-f]{8}$");
        answer["pool_id"]!.GetValue<string>().ShouldNotBe(answer["cluster_id"]!.GetValue<string>());
        answer["creation_time"]!.GetValue<long>().ShouldBeInRange(1_700_000_000, 5_000_000_000);
    }

    /// <summary>What the command line, the MCP server, Terraform's helper and curl send, and what nobody should.</summary>
    [Theory]
    [InlineData("", "application/json")]
    [InlineData("{}", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("", null)]
    [InlineData("""{"password":"mine"}""", "text/plain")]
    [InlineData("{", "application/json")]
    public async Task ResetPassword_AnyBody_IsNotLookedAt(string body, string? contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        using var response = await ResetAsync(content);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["password"]!.GetValue<string>().ShouldBe(Redis.Passwords["default"]);
        Redis.Passwords["default"].ShouldMatch("^[0-9a-f]{32}$");
    }

    [Fact]
    public async Task ResetPassword_RestTokens_HaveTheirLayoutAndChange()
    {
        using var first = await ResetAsync();
        using var second = await ResetAsync();

        var before = JsonNode.Parse(await first.Content.ReadAsStringAsync())!;
        var now = JsonNode.Parse(await second.Content.ReadAsStringAsync())!;
        ShouldBeToken(before, "rest_token", kind: 1)[42..].ShouldBe(Encoding.ASCII.GetBytes(before["password"]!.GetValue<string>()));
        var readOnly = ShouldBeToken(before, "read_only_rest_token", kind: 2)[42..];
        readOnly.ShouldNotBe(Encoding.ASCII.GetBytes(before["password"]!.GetValue<string>()));
        ShouldBeToken(now, "read_only_rest_token", kind: 2)[42..].ShouldNotBe(readOnly);
        now["rest_token"]!.GetValue<string>().ShouldNotBe(before["rest_token"]!.GetValue<string>());
    }

    [Fact]
    public async Task ResetPassword_InstanceWithAMainAccount_ResetsThatOne()
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/cache", """{"main_account":"app"}""");
        Redis.Passwords["app"] = "before";

        using var response = await ResetAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Redis.Passwords["app"].ShouldMatch("^[0-9a-f]{32}$");
        Redis.Passwords["default"].ShouldBe("before");
    }

    [Fact]
    public async Task ResetPassword_TwiceAtOnce_IsOneResetWithOnePassword()
    {
        var gate = new TaskCompletionSource();
        Redis.Gate = gate.Task;
        var first = ResetAsync();
        await Eventually.ShouldAsync(() => Redis.Changes == 1);
        var second = ResetAsync(JsonBody("{}"));
        await Eventually.ShouldAsync(() => Clock.HasWaits(JoinPatience));
        gate.SetResult();

        using var one = await first;
        using var other = await second;

        (await other.Content.ReadAsStringAsync()).ShouldBe(await one.Content.ReadAsStringAsync());
        Redis.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task ResetPassword_KeyThatMayNotReveal_StillGetsItsOwn()
    {
        using var client = await ClientAsync("reset@example.com", "reset@example.com", scopes: ["keyturn:account:reset", "keyturn:instance:read"]);

        using var response = await client.PostAsync($"/v2/redis/reset-password/{Id}", content: null);
        using var read = await client.GetAsync($"/v2/redis/database/{Id}");

        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["password"]!.GetValue<string>().ShouldBe(Redis.Passwords["default"]);
        (await read.Content.ReadAsStringAsync()).ShouldBe(await DatabaseAsync());
    }

    [Theory]
    [InlineData("9cc10173-e9ea-4176-9dbc-a4cee4c4ff30")]
    [InlineData("cache")]
    [InlineData("%zz")]
    [InlineData("a%2Fb")]
    public async Task ResetPassword_NoSuchDatabase_IsNotFound(string id)
    {
        using var response = await Client.SendAsync(Server.Request(HttpMethod.Post, $"/v2/redis/reset-password/{id}"));

        (await response.WholeAsync()).ShouldBe($$"""404{{'\n'}}{{Json}}{{'\n'}}{"error":"database not found"}""");
    }

    [Fact]
    public async Task ResetPassword_AnotherProjectsOrAnotherEngines_IsNotFound()
    {
        using var stranger = await ClientAsync("stranger@example.com", "stranger@example.com", "project-of-stranger");
        var mysql = await Server.RegisterAsync("mysql");

        using var others = await stranger.PostAsync($"/v2/redis/reset-password/{Id}", content: null);
        using var engine = await ResetAsync(id: mysql);

        (await others.WholeAsync()).ShouldBe($$"""404{{'\n'}}{{Json}}{{'\n'}}{"error":"database not found"}""");
        (await engine.WholeAsync()).ShouldBe($$"""404{{'\n'}}{{Json}}{{'\n'}}{"error":"database not found"}""");
        Redis.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("frozen", "suspended", null)]
    [InlineData("abnormal", "suspended", null)]
    [InlineData("storage-full", "suspended", null)]
    [InlineData("creating", "active", "creating")]
    [InlineData("modifying", "active", "modifying")]
    [InlineData("restarting", "active", "restarting")]
    [InlineData("restoring", "active", "restoring")]
    public async Task ResetPassword_DatabaseIsNotReady_IsRefusedAndTheReadSaysWhy(string status, string state, string? modifying)
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/cache", $$"""{"status":"{{status}}"}""");

        using var response = await ResetAsync();
        var database = JsonNode.Parse(await DatabaseAsync())!;

        (await response.WholeAsync()).ShouldBe($$"""400{{'\n'}}{{Json}}{{'\n'}}{"error":"database is not active"}""");
        database["state"]!.GetValue<string>().ShouldBe(state);
        database["modifying_state"]?.GetValue<string>().ShouldBe(modifying);
        Redis.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task ResetPassword_DatabaseIsDown_IsAConflictAndStoresNothing()
    {
        Redis.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        using var response = await ResetAsync();

        (await response.WholeAsync()).ShouldBe(
            $$"""409{{'\n'}}{{Json}}{{'\n'}}{"error":"Nothing listens. Check that the server runs and that host, port and firewall let Keyturn through."}""");
        (await Server.GetAsync("/api/v1/resets")).Body["resets"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task ResetPassword_NoSuchUserOnTheServer_IsAConflictAndNotMissing()
    {
        Redis.Passwords.Remove("default");

        using var response = await ResetAsync();

        (await response.WholeAsync()).ShouldBe(
            $$"""409{{'\n'}}{{Json}}{{'\n'}}{"error":"There is no account default. Check the account\u0027s name (and host), or create it."}""");
    }

    [Fact]
    public async Task ResetPassword_DatabaseRefuses_IsAConflict()
    {
        Redis.OnChange = () => ChangeResult.Refused(EngineError.ServerError, "The database says no.");

        using var response = await ResetAsync();

        (await response.WholeAsync()).ShouldBe($$"""409{{'\n'}}{{Json}}{{'\n'}}Keyturn-Reset-Id: ID{{'\n'}}{"error":"The database says no. Look at the server\u0027s message."}""");
    }

    [Fact]
    public async Task ResetPassword_NoAnswerFromTheDatabase_IsAConflictThatNobodyRepeats()
    {
        FallSilent();

        using var response = await ResetAsync();

        (await response.WholeAsync()).ShouldBe(
            $$"""
            409
            {{Json}}
            Keyturn-Reset-Id: ID
            {"error":"The database has not answered yet. Keyturn holds the new password and is finding out whether it is in force; do not send the request again."}
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task ResetPassword_WhileAnotherIsOpen_IsAConflictThatNamesIt()
    {
        FallSilent();
        using var undecided = await ResetAsync();

        using var request = Server.Request(HttpMethod.Post, $"/v2/redis/reset-password/{Id}");
        request.Headers.Add("Idempotency-Key", "two");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var response = await Client.SendAsync(request, limit.Token);

        (await response.WholeAsync()).ShouldBe($$"""409{{'\n'}}{{Json}}{{'\n'}}Keyturn-Reset-Id: ID{{'\n'}}{"error":"An earlier reset of this account is not settled yet."}""");
        response.Headers.GetValues("Keyturn-Reset-Id").ShouldBe(undecided.Headers.GetValues("Keyturn-Reset-Id"));
    }

    [Fact]
    public async Task ResetPassword_SameKeyAgain_AnswersTheSame()
    {
        async Task<string> SendAsync()
        {
            using var request = Server.Request(HttpMethod.Post, $"/v2/redis/reset-password/{Id}");
            request.Headers.Add("Idempotency-Key", "42");
            using var response = await Client.SendAsync(request);
            return await response.Content.ReadAsStringAsync();
        }

        (await SendAsync()).ShouldBe(await SendAsync());
        Redis.Changes.ShouldBe(1);
    }

    private byte[] ShouldBeToken(JsonNode answer, string member, byte kind)
    {
        var text = answer[member]!.GetValue<string>();
        text.ShouldMatch("^[A-Za-z0-9_-]+=*$");
        var token = Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/'));
        token[..6].ShouldBe<byte>([kind, 0x15, 0x38, 1, 36, 32]);
        Encoding.ASCII.GetString(token[6..42]).ShouldBe(Id);
        token.Length.ShouldBe(74);
        return token;
    }
}
