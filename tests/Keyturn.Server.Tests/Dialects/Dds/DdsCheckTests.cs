using System.Net.Http.Json;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Dds;

public sealed class DdsCheckTests : IAsyncLifetime
{
    private const string Wrong = "Invalid username and password.";
    private DdsServer _dds = null!;

    public async ValueTask InitializeAsync() => _dds = await DdsServer.StartAsync();

    public ValueTask DisposeAsync() => _dds.DisposeAsync();

    [Theory]
    [InlineData("""{"user_name":"rwuser","user_pwd":"Before-1234","db_name":"admin"}""")]
    [InlineData("""{"user_pwd":"Before-1234"}""")]
    [InlineData("""{"user_name":null,"user_pwd":"Before-1234","db_name":null,"unknown":[1]}""")]
    public async Task Check_RightPassword_IsNothingAndOk(string body) => (await _dds.CheckAsync(body)).ShouldBe(DdsServer.Golden(200, "{}"));

    [Theory]
    [InlineData("""{"user_name":"rwuser","user_pwd":"Other-1234"}""")]
    [InlineData("""{"user_name":"nobody","user_pwd":"Other-1234"}""")]
    [InlineData("""{"user_name":"rwuser","user_pwd":"Before-1234","db_name":"shop"}""")]
    public async Task Check_WrongPasswordOrUnknownUser_IsOneAnswerAndNeverSooner(string body)
    {
        var started = TimeProvider.System.GetTimestamp();

        (await _dds.CheckAsync(body)).ShouldBe(DdsServer.Error(400, "DBS.200029", Wrong));

        TimeProvider.System.GetElapsedTime(started).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task Check_Chinese_IsSaidInChinese()
    {
        await _dds.CheckAsync("""{"user_pwd":"Other-1234"}""", ("X-Language", "zh-cn"));

        _dds.LastJson["error_msg"]!.GetValue<string>().ShouldBe("非法的用户名密码");
    }

    [Fact]
    public async Task Check_UserOfAnotherDatabase_IsThatOne()
    {
        _dds.Database.Passwords["shop.my_app-1.x"] = "Before-1234";

        (await _dds.CheckAsync("""{"user_name":"my_app-1.x","user_pwd":"Before-1234","db_name":"shop"}""")).ShouldBe(DdsServer.Golden(200, "{}"));
        (await _dds.CheckAsync("""{"user_name":"my_app-1.x","user_pwd":"Before-1234"}""")).ShouldBe(DdsServer.Error(400, "DBS.200029", Wrong));
    }

    [Fact]
    public async Task Check_InstanceWithMainAccount_MeansThatOne()
    {
        _dds.Database.Passwords["owner"] = "Owner-1234";
        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", """{"main_account":"owner"}""");

        (await _dds.CheckAsync("""{"user_pwd":"Owner-1234"}""")).ShouldBe(DdsServer.Golden(200, "{}"));
    }

    [Theory]
    [InlineData("", "DBS.280001", "Parameter error.")]
    [InlineData("null", "DBS.280001", "Parameter error.")]
    [InlineData("{", "DBS.280001", "Parameter error. The body is not a JSON object.")]
    [InlineData("[]", "DBS.280001", "Parameter error. The body is not a JSON object.")]
    [InlineData("{}", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_pwd":null}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_pwd":12345678}""", "DBS.280001", "Parameter error. The member user_pwd has the wrong type or value, occurs twice, or the JSON breaks there.")]
    [InlineData("""{"user_pwd":"Before-1234","user_name":["rwuser"]}""", "DBS.280001", "Parameter error. The member user_name has the wrong type or value, occurs twice, or the JSON breaks there.")]
    [InlineData("""{"user_pwd":"Before-1234","user_name":""}""", "DBS.280292", "Invalid database username.")]
    [InlineData("""{"user_pwd":"Before-1234","user_name":"a b"}""", "DBS.280292", "Invalid database username.")]
    [InlineData("""{"user_pwd":"Before-1234","user_name":"a1234567890123456789012345678901234567890123456789012345678901234"}""", "DBS.280292", "Invalid database username.")]
    [InlineData("""{"user_pwd":"Before-1234","db_name":"a/b"}""", "DBS.280292", "Invalid database username.")]
    [InlineData("""{"user_pwd":""}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"Sh-1rt!"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"Too-long-0123456789012345678901234"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"no-upper-1234"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"NO-LOWER-1234"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"No-digit-here"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"NoSpecial1234"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"Before-1234$"}""", "DBS.280200", "The password contains invalid characters.")]
    public async Task Check_BadBody_SaysWhatIsWrong(string body, string code, string message) =>
        (await _dds.CheckAsync(body)).ShouldBe(DdsServer.Error(400, code, message));

    [Fact]
    public async Task Check_InstanceThatTakesAnyPassword_AsksTheDatabase()
    {
        _dds.Database.Passwords["rwuser"] = "legacy";
        (await _dds.CheckAsync("""{"user_pwd":"legacy"}""")).ShouldBe(DdsServer.Error(400, "DBS.200052", "Invalid password."));

        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", """{"attributes":{"check-any-password":"true"}}""");

        (await _dds.CheckAsync("""{"user_pwd":"legacy"}""")).ShouldBe(DdsServer.Golden(200, "{}"));
        (await _dds.CheckAsync("""{"user_pwd":"other"}""")).ShouldBe(DdsServer.Error(400, "DBS.200029", Wrong));
    }

    [Fact]
    public async Task Check_UnreachableDatabase_IsNeverWrong()
    {
        _dds.Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        (await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""")).ShouldBe(DdsServer.Error(500, "DBS.280005", "Server error. Try again later."));
    }

    [Theory]
    [InlineData(Login.NotChecked, EngineError.PasswordNotAsked)]
    [InlineData(Login.Refused, EngineError.AccountLocked)]
    [InlineData(Login.NoVerdict, EngineError.MethodNotSpoken)]
    [InlineData(Login.Unreachable, EngineError.TimedOut)]
    public async Task Check_LoginThatSaysNothing_IsNeitherRightNorWrong(Login login, EngineError cause)
    {
        _dds.Database.OnLogin = new LoginResult(login, new Failure(cause, "As it is."));

        (await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""")).ShouldBe(DdsServer.Error(500, "DBS.280005", "Server error. Try again later."));
    }

    [Theory]
    [InlineData("frozen", "DBS.200018", "This instance\\u0027s status or its node\\u0027s status makes it not be allowed to do this operation now.")]
    [InlineData("abnormal", "DBS.200011", "This instance abnormal status makes it not be allowed to do this check password operation now.")]
    public async Task Check_FrozenOrAbnormalInstance_IsRefused(string status, string code, string message)
    {
        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        (await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""")).ShouldBe(DdsServer.Error(403, code, message));
    }

    [Fact]
    public async Task Check_InstanceBeingModified_IsAllowed()
    {
        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", """{"status":"modifying"}""");

        (await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""")).ShouldBe(DdsServer.Golden(200, "{}"));
    }

    [Fact]
    public async Task Check_Made_ChangesNothingAndIsAudited()
    {
        await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""");

        _dds.Database.Changes.ShouldBe(0);
        var (_, audit) = await _dds.Server.GetAsync("/api/v1/audit");
        audit.ToJsonString().ShouldContain("account.check");
        audit.ToJsonString().ShouldNotContain("Before-1234");
    }

    [Theory]
    [InlineData("ba62a0b83a1b42bfab275829d86ac0fdin02", 404, "DBS.200002", "The DB instance does not exist.")]
    [InlineData("orders", 400, "DBS.280404", "Invalid DB instance ID.")]
    [InlineData("ba62a0b83a1b42bfab275829d86ac0fd", 400, "DBS.280404", "Invalid DB instance ID.")]
    public async Task Check_NoSuchInstance_SaysSo(string instance, int status, string code, string message) =>
        (await _dds.SendProjectAsync(HttpMethod.Post, $"/instances/{instance}/check-password", """{"user_pwd":"Before-1234"}""")).ShouldBe(DdsServer.Error(status, code, message));

    [Fact]
    public async Task Check_InstanceOfAnotherEngine_IsNoneOfTheirs()
    {
        var mysql = DdsServer.IdOf(await _dds.Server.RegisterAsync("mysql"));

        (await _dds.SendProjectAsync(HttpMethod.Post, $"/instances/{mysql}/check-password", """{"user_pwd":"Before-1234"}"""))
            .ShouldBe(DdsServer.Error(404, "DBS.200002", "The DB instance does not exist."));
    }

    [Fact]
    public async Task Check_PathOfAnotherProject_IsForbidden() =>
        (await _dds.SendRawAsync(
            HttpMethod.Post, $"/v3/{Guid.NewGuid():N}/instances/{_dds.InstanceId}/check-password", """{"user_pwd":"Before-1234"}""", ("X-Auth-Token", _dds.Session.Reveal())))
            .ShouldBe(DdsServer.Error(403, "DBS.200604", "The instance is not owned by the current user."));

    [Fact]
    public async Task Check_CredentialForOtherThings_IsForbiddenByTheActionsName()
    {
        var reader = await _dds.AddSessionAsync("keyturn:instance:read");

        (await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""", ("X-Auth-Token", reader.Reveal()))).ShouldBe(DdsServer.Error(
            403, "DBS.280063", "You do not have following permission to perform this operation: dds:instance:checkPassword. Contact the administrator to obtain permission."));
    }

    [Fact]
    public async Task Check_NotSignedIn_IsTheGatewaysRefusal()
    {
        await _dds.SendRawAsync(HttpMethod.Post, $"/v3/{_dds.Project}/instances/{_dds.InstanceId}/check-password", """{"user_pwd":"Before-1234"}""");

        _dds.LastJson["error_code"]!.GetValue<string>().ShouldBe("APIGW.0301");
    }

    [Fact]
    public async Task Check_TokenOfNobody_IsInvalid() =>
        (await _dds.CheckAsync("""{"user_pwd":"Before-1234"}""", ("X-Auth-Token", "MIInobody"))).ShouldContain("""{"error_code":"DBS.280056","error_msg":"Invalid token."}""");

    [Fact]
    public async Task Check_WithTheTokenOfTheNativeApi_IsNotSignedIn()
    {
        using var response = await _dds.Server.Client.PostAsJsonAsync($"/v3/{_dds.Project}/instances/{_dds.InstanceId}/check-password", new { user_pwd = "Before-1234" });

        ((int)response.StatusCode).ShouldBe(401);
    }
}
