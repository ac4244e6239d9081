using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.LiveTests.WholeProgram;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>DDS's calls to the whole program, in front of a STAND-IN (no MongoDB), by somebody who signs in as Huawei's clients do.</summary>
public sealed class DdsTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncLifetime
{
    private const string SignInPassword = "Sign-In-To-Keyturn-1";
    private readonly HttpClient _client = new();
    private StandInMongoDb _server = null!;
    private string _project = null!;
    private string _instance = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Lab.IsThere, "no lab: the stand-in needs its certificates");
        _server = StandInMongoDb.OverTls();
        _server.Add("admin", "rwuser", "Before-1234", "root");
        var registered = await keyturn.Api.TryRegisterAsync(_server.Describe());
        registered.ShouldBe(HttpStatusCode.Created);
        _instance = Guid.Parse(registered["id"]!).ToString("N") + "in02";
        await SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task CheckAndReset_MainAccount_TellTheOldPasswordFromTheNew()
    {
        (await CheckAsync("""{"user_pwd":"Before-1234"}""")).ShouldBe("200 {}");
        (await SendAsync(HttpMethod.Put, "reset-password", """{"user_pwd":"Zq7#hW-pL2"}""")).ShouldBe("200 {}");

        (await CheckAsync("""{"user_pwd":"Zq7#hW-pL2"}""")).ShouldBe("200 {}");
        var old = await CheckAsync("""{"user_pwd":"Before-1234"}""");
        old.ShouldBe("""400 {"error_code":"DBS.200029","error_msg":"Invalid username and password."}""");
        (await CheckAsync("""{"user_name":"nobody","user_pwd":"Before-1234"}""")).ShouldBe(old);
        (await CheckAsync("""{"user_pwd":"Zq7#hW-pL2","db_name":"shop"}""")).ShouldBe(old);
        keyturn.Process.Output.ShouldNotContain("Zq7#hW");
    }

    [Fact]
    public async Task Check_ServerIsGone_IsNotWrong()
    {
        await _server.DisposeAsync();

        (await CheckAsync("""{"user_pwd":"Before-1234"}""")).ShouldBe("""500 {"error_code":"DBS.280005","error_msg":"Server error. Try again later."}""");
    }

    [Fact]
    public async Task User_MadeResetAndDeleted_IsThereWithItsRolesUntilThen()
    {
        (await SendAsync(HttpMethod.Post, "db-user", """{"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"shop","roles":[{"role_name":"readWrite","role_db_name":"shop"}]}""")).ShouldBe("200 {}");

        (await UsersAsync("?user_name=app&db_name=shop")).ShouldBe("""[{"isBuiltin":false,"user":"app","db":"shop","roles":[{"role":"readWrite","db":"shop"}]}]""");
        (await SendAsync(HttpMethod.Put, "reset-password", """{"user_name":"app","user_pwd":"Yq7#hW-pL2","db_name":"shop"}""")).ShouldBe("200 {}");
        (await CheckAsync("""{"user_name":"app","user_pwd":"Yq7#hW-pL2","db_name":"shop"}""")).ShouldBe("200 {}");
        (await UsersAsync("?user_name=app&db_name=shop")).ShouldContain("readWrite");
        (await SendAsync(HttpMethod.Delete, "db-user", """{"user_name":"app","db_name":"shop"}""")).ShouldBe("200 {}");
        (await UsersAsync("?user_name=app")).ShouldBe("[]");
    }

    [Fact]
    public async Task User_WithARoleThatIsNot_IsNotMade()
    {
        var answer = await SendAsync(HttpMethod.Post, "db-user", """{"user_name":"app","user_pwd":"Zq7#hW-pL2","roles":[{"role_name":"no-such-role","role_db_name":"admin"}]}""");

        answer.ShouldStartWith("""400 {"error_code":"DBS.200816",""");
        (await UsersAsync("?user_name=app")).ShouldBe("[]");
    }

    /// <summary>As Terraform's provider does: the same request again, until it is something else than busy.</summary>
    [Fact]
    public async Task Reset_AnswerIsLost_IsBusyAndThenDoneByTheSameReset()
    {
        _server.Knobs.HangsUpAt = "updateUser";
        (await SendAsync(HttpMethod.Put, "reset-password", """{"user_pwd":"Zq7#hW-pL2"}""")).ShouldStartWith("""403 {"error_code":"DBS.200019",""");
        _server.Knobs.HangsUpAt = null;

        await RepeatUntilDoneAsync();

        (await CheckAsync("""{"user_pwd":"Zq7#hW-pL2"}""")).ShouldBe("200 {}");
    }

    /// <summary>The primary has it and an election may take it back: a look at the primary is no proof.</summary>
    [Fact]
    public async Task Reset_WrittenOnNoMajority_IsBusyUntilOneHasIt()
    {
        _server.Knobs.WriteConcernError = 64;
        (await SendAsync(HttpMethod.Put, "reset-password", """{"user_pwd":"Zq7#hW-pL2"}""")).ShouldStartWith("""403 {"error_code":"DBS.200019",""");
        _server.Knobs.WriteConcernError = 0;

        await RepeatUntilDoneAsync();

        (await CheckAsync("""{"user_pwd":"Zq7#hW-pL2"}""")).ShouldBe("200 {}");
    }

    private async Task RepeatUntilDoneAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await SendAsync(HttpMethod.Put, "reset-password", """{"user_pwd":"Zq7#hW-pL2"}""") is var answer && answer != "200 {}")
        {
            answer.ShouldStartWith("""403 {"error_code":"DBS.200019",""");
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(60));
        }
    }

    private Task<string> CheckAsync(string body) => SendAsync(HttpMethod.Post, "check-password", body);

    private async Task<string> UsersAsync(string query)
    {
        var answer = await SendAsync(HttpMethod.Get, $"db-user/detail{query}", body: null);
        answer.ShouldStartWith("200 ");
        return JsonNode.Parse(answer[4..])!["users"]!.GetValue<string>();
    }

    private async Task<string> SendAsync(HttpMethod method, string operation, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(keyturn.Process.Address, $"/v3/{_project}/instances/{_instance}/{operation}"));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    }

    private async Task SignInAsync()
    {
        var principal = (await keyturn.Api.GetAsync("/api/v1/principals")).Body["principals"]![0]!["name"]!.ToString();
        var added = await keyturn.Api.PostAsync($"/api/v1/principals/{principal}/credentials", new JsonObject { ["kind"] = "password", ["password"] = SignInPassword });
        added.ShouldBe(HttpStatusCode.Created);
        var project = (await keyturn.Api.GetAsync("/api/v1/project")).Body;
        var (domain, scope) = (new JsonObject { ["name"] = project["name"]!.ToString() }, new JsonObject { ["name"] = project["region"]!.ToString() });
        var user = new JsonObject { ["name"] = principal, ["password"] = SignInPassword, ["domain"] = domain };
        var identity = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = user } };
        var body = new JsonObject { ["auth"] = new JsonObject { ["identity"] = identity, ["scope"] = new JsonObject { ["project"] = scope } } };
        using var response = await _client.PostAsync(new Uri(keyturn.Process.Address, "/v3/auth/tokens"), new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        _client.DefaultRequestHeaders.Add("X-Auth-Token", response.Headers.GetValues("X-Subject-Token").Single());
        _project = Guid.Parse(project["id"]!.ToString()).ToString("N");
    }
}
