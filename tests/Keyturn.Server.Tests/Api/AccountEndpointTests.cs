using System.Net;
using System.Net.Sockets;
using System.Text;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Api;

public sealed class AccountEndpointTests : IAsyncLifetime
{
    private const string Accounts = "/api/v1/instances/pg/accounts";
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql", "pg");
        _server.Postgres.Passwords["app"] = "Pr3sent-password";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task List_Accounts_JoinsServerAndStore()
    {
        var (_, answer) = await _server.GetAsync(Accounts);

        var accounts = answer["accounts"]!.AsArray();
        accounts.Select(account => account!["name"]!.GetValue<string>()).ShouldBe(["admin", "app"]);
        accounts.Select(account => account!["held"]!.GetValue<bool>()).ShouldBe([true, false]);
    }

    [Fact]
    public async Task Create_Account_AnswersLikeAReset()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Accounts, """{"user":"new"}"""));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.Location!.ToString().ShouldBe($"/api/v1/resets/{response.Headers.GetValues("Keyturn-Reset-Id").Single()}");
        _server.Postgres.Passwords.ShouldContainKey("new");
    }

    [Fact]
    public async Task Create_ExistingAccount_IsRefused()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Accounts, """{"user":"app"}"""));

        (await response.ProblemAsync("engine", 424))["cause"]!.GetValue<string>().ShouldBe("account-exists");
    }

    [Fact]
    public async Task Adopt_RightPassword_IsServedAsTheSecret()
    {
        var (status, adopted) = await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"Pr3sent-password"}""");

        status.ShouldBe(HttpStatusCode.OK);
        adopted["account"]!["held"]!.GetValue<bool>().ShouldBeTrue();
        var (_, secret) = await _server.GetAsync($"{Accounts}/app/secret");
        secret["password"]!.GetValue<string>().ShouldBe("Pr3sent-password");
        secret["state"]!.GetValue<string>().ShouldBe("current");
        _server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Adopt_WrongPassword_StoresNothing()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, $"{Accounts}/app/adopt", """{"password":"Canary-wrong"}"""));

        (await response.ProblemAsync("engine", 424))["cause"]!.GetValue<string>().ShouldBe("wrong-password");
        using var secret = await _server.Client.GetAsync($"{Accounts}/app/secret");
        await secret.ProblemAsync("secret-missing", 404);
    }

    [Theory]
    [InlineData("Pr3sent-password", true, "accepted")]
    [InlineData("another", false, "wrong-password")]
    public async Task Check_Password_TellsWhetherItIsAccepted(string password, bool accepted, string verdict)
    {
        var (status, answer) = await _server.PostAsync($"{Accounts}/app/check", $$"""{"password":"{{password}}"}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer["accepted"]!.GetValue<bool>().ShouldBe(accepted);
        answer["verdict"]!.GetValue<string>().ShouldBe(verdict);
    }

    [Theory]
    [InlineData(Login.NotChecked, EngineError.PasswordNotAsked, "not-checked")]
    [InlineData(Login.Refused, EngineError.AccountLocked, "refused")]
    [InlineData(Login.NoVerdict, EngineError.MethodNotSpoken, "no-verdict")]
    public async Task Check_NoClearAnswer_IsNotAcceptedAndSaysWhy(Login login, EngineError cause, string verdict)
    {
        _server.Postgres.OnLogin = new LoginResult(login, new Failure(cause, "The server said so."));

        var (status, answer) = await _server.PostAsync($"{Accounts}/app/check", """{"password":"Pr3sent-password"}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer["accepted"]!.GetValue<bool>().ShouldBeFalse();
        answer["verdict"]!.GetValue<string>().ShouldBe(verdict);
        answer["next_step"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Check_ServerCannotBeAsked_IsAProblem()
    {
        _server.Postgres.Down = new Failure(EngineError.TimedOut, "No answer.");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, $"{Accounts}/app/check", """{"password":"x"}"""));

        (await response.ProblemAsync("engine", 424))["cause"]!.GetValue<string>().ShouldBe("timed-out");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("adopt")]
    public async Task Post_WithoutPassword_NamesTheMember(string act)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, $"{Accounts}/app/{act}", "{}"));

        (await response.ProblemAsync("malformed", 400))["detail"]!.GetValue<string>().ShouldContain("password");
    }

    [Fact]
    public async Task Verify_ChangedBehindOurBack_IsDrifted()
    {
        await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"Pr3sent-password"}""");
        (await _server.PostAsync($"{Accounts}/app/verify")).Body["verdict"]!.GetValue<string>().ShouldBe("verified");
        _server.Postgres.Passwords["app"] = "somebody-elses";

        (await _server.PostAsync($"{Accounts}/app/verify")).Body["verdict"]!.GetValue<string>().ShouldBe("drifted");

        var (_, listed) = await _server.GetAsync(Accounts);
        listed["accounts"]![1]!["drifted_at"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Secret_WhileAResetIsOpen_IsAConflictUnlessCandidatesAreAsked()
    {
        await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"Pr3sent-password"}""");
        _server.Postgres.OnChange = () =>
        {
            _server.Postgres.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };
        var (_, undecided) = await _server.PostAsync($"{Accounts}/app/reset");

        using var response = await _server.Client.GetAsync($"{Accounts}/app/secret");

        (await response.ProblemAsync("busy", 409))["reset_id"]!.GetValue<string>().ShouldBe(undecided["reset"]!["id"]!.GetValue<string>());
        var (_, candidates) = await _server.GetAsync($"{Accounts}/app/secret?candidates=true");
        candidates["candidates"]!.AsArray().Select(candidate => candidate!["state"]!.GetValue<string>()).ShouldBe(["pending", "current"]);
    }

    [Fact]
    public async Task Versions_ByDefault_HideThePasswords()
    {
        await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"Pr3sent-password"}""");
        await _server.PostAsync($"{Accounts}/app/reset");

        var (_, hidden) = await _server.GetAsync($"{Accounts}/app/versions");
        var (_, shown) = await _server.GetAsync($"{Accounts}/app/versions?reveal=true");

        hidden["versions"]!.AsArray().Select(version => version!["state"]!.GetValue<string>()).ShouldBe(["current", "previous"]);
        hidden.ToJsonString().ShouldNotContain("Pr3sent-password");
        shown["versions"]![1]!["password"]!.GetValue<string>().ShouldBe("Pr3sent-password");
    }

    [Fact]
    public async Task Proof_OfAHeldAccount_IsChangedAndAudited()
    {
        await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"Pr3sent-password"}""");

        var (status, answer) = await _server.SendAsync(HttpMethod.Patch, $"{Accounts}/app", """{"proof":"readback"}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer["account"]!["proof"]!.GetValue<string>().ShouldBe("readback");
        (await _server.GetAsync($"{Accounts}/app")).Body["proof"]!.GetValue<string>().ShouldBe("readback");
        (await _server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!["action"]!.GetValue<string>().ShouldBe("account.proof");
    }

    [Fact]
    public async Task Drop_Account_IsGone()
    {
        (await _server.Client.DeleteAsync($"{Accounts}/app")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        _server.Postgres.Passwords.ShouldNotContainKey("app");
        using var again = await _server.Client.DeleteAsync($"{Accounts}/app");
        await again.ProblemAsync("account-missing", 404);
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("%25", "%")]
    [InlineData("a%40b", "a@b")]
    [InlineData("a@b", "a@b")]
    [InlineData("a+b", "a+b")]
    [InlineData("%20", " ")]
    [InlineData(".", ".")]
    [InlineData("..", "..")]
    [InlineData("%2E%2e", "..")]
    [InlineData("%27%22%5C%3B--", "'\"\\;--")]
    [InlineData("%3Fhost=x%23", "?host=x#")]
    [InlineData("%F0%9F%94%91", "🔑")]
    [InlineData("%C3%A9", "é")]
    public async Task HostileName_InThePath_ReachesTheDatabaseDecodedOnce(string segment, string user)
    {
        _server.Postgres.Passwords[user] = "before";

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, $"{Accounts}/{segment}/reset"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        _server.Postgres.LastInspected.User.ShouldBe(user);
        _server.Postgres.Passwords[user].ShouldNotBe("before");
    }

    [Fact]
    public async Task HostileName_InAWholeUrlAsTarget_IsDecodedOnceToo()
    {
        _server.Postgres.Passwords["a%41"] = "before";
        using var connection = new TcpClient();
        await connection.ConnectAsync(_server.Address.Host, _server.Address.Port);
        await using var stream = connection.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"""
            POST http://keyturn.example{Accounts}/a%2541/reset HTTP/1.1
            Host: keyturn.example
            Authorization: Bearer {_server.Token.Reveal()}
            Content-Length: 0
            Connection: close


            """.ReplaceLineEndings("\r\n")));

        using var answer = new StreamReader(stream);
        (await answer.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 200");
        _server.Postgres.Passwords["a%41"].ShouldNotBe("before");
    }

    [Theory]
    [InlineData("%zz")]
    [InlineData("%2")]
    [InlineData("%FF")]
    [InlineData("%C0%AF")]
    [InlineData("%ED%A0%80")]
    public async Task MalformedName_InThePath_IsAProblem(string segment)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, $"{Accounts}/{segment}/reset"));

        await response.ProblemAsync("malformed", 400);
    }

    [Fact]
    public async Task Host_InTheQuery_IsPartOfTheName()
    {
        await _server.Client.GetAsync($"{Accounts}/app?host=10.0.0.%25");

        _server.Postgres.LastInspected.Host.ShouldBe("10.0.0.%");
    }

    [Theory]
    [InlineData("reports", "reports")]
    [InlineData("admin", null)]
    public async Task Inspect_AuthDatabase_IsPartOfTheName(string given, string? meant)
    {
        await _server.Client.GetAsync($"{Accounts}/app?auth_database={given}");

        _server.Postgres.LastInspected.ShouldBe(new("app", Host: null, meant));
    }
}
