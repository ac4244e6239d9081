using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Ddm;

public sealed class DdmPasswordTests : IAsyncLifetime
{
    private const string Weak = "This is a weak password. Please enter a strong password.";
    private const string Invalid = "The account password is invalid.";
    private DdmServer _ddm = null!;

    public async ValueTask InitializeAsync() => _ddm = await DdmServer.StartAsync();

    public ValueTask DisposeAsync() => _ddm.DisposeAsync();

    [Fact]
    public async Task Reset_Version3_IsDoneAndAnswersNothing()
    {
        using var response = await _ddm.ResetAsync();

        await response.ShouldBeAsync(200, "{}");
        Guid.Parse(response.Headers.GetValues("Keyturn-Reset-Id").Single()).ShouldNotBe(Guid.Empty);
        _ddm.MySql.Passwords["app"].ShouldBe(DdmServer.Good);
    }

    [Fact]
    public async Task Reset_Version2_AnswersWhatTerraformReads()
    {
        using var response = await _ddm.ResetAsync(version: "v2", body: $$"""{"password":"{{DdmServer.Good}}"}""" + "\n");

        await response.ShouldBeAsync(200, $$"""{"success":true,"instance_id":"{{_ddm.Shop}}","user_name":"app"}""");
        _ddm.MySql.Passwords["app"].ShouldBe(DdmServer.Good);
    }

    [Theory]
    [InlineData("application/json;charset=utf8")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/vnd.huawei+json")]
    [InlineData(null)]
    public async Task Reset_TypesThatClientsSend_AreRead(string? contentType)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.PasswordOf("app"), $$"""{"InstanceId":"x","password":"{{DdmServer.Good}}","more":[{}]}""", contentType);

        await response.ShouldBeAsync(200, "{}");
    }

    [Fact]
    public async Task Reset_TypeThatIsNotJson_IsRefused()
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.PasswordOf("app"), $$"""{"password":"{{DdmServer.Good}}"}""", "application/x-www-form-urlencoded");

        await response.ShouldBeErrorAsync(415, "DBS.280001", "Parameter error. The Content-Type is to be application/json.");
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("Sh0rt~1", "DBS.300306", Invalid + " The password must have at least 8 characters.")]
    [InlineData("Qz7~Qz7~Qz7~Qz7~Qz7~Qz7~Qz7~Qz7~x", "DBS.300306", Invalid + " The password must have at most 32 characters.")]
    [InlineData("onlylowerandmore-x", "DBS.300306", Invalid + " The password must have 3 of: lower-case letters, upper-case letters, digits, other characters.")]
    [InlineData("Qz7kW=m4Tb9p", "DBS.300306", Invalid + " The password may only have ASCII letters, digits and: ~!@#/%^*-_+?")]
    [InlineData("Qz7kWäm4Tb9p", "DBS.300306", Invalid + " The password may only have ASCII letters, digits and: ~!@#/%^*-_+?")]
    [InlineData("Password1", "DBS.280203", Weak)]
    [InlineData("Huawei123", "DBS.280203", Weak)]
    public async Task Reset_PasswordThatBreaksARule_SaysWhichAndChangesNothing(string password, string code, string message)
    {
        using var response = await _ddm.ResetAsync(new JsonObject { ["password"] = password }.ToJsonString());

        await response.ShouldBeErrorAsync(400, code, message);
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("Qz7kW-m4Tb9p", "qZ7kw-M4tB9P", "The password must not be the account's name.")]
    [InlineData("Qz7kW-m4Tb9p", "P9bt4m-Wk7zq", "The password must not be the account's name reversed.")]
    public async Task Reset_PasswordIsTheNameInAnyCase_IsRefused(string user, string password, string sentence)
    {
        _ddm.MySql.Passwords[user] = "before";

        using var response = await _ddm.ResetAsync($$"""{"password":"{{password}}"}""", user);

        await response.ShouldBeErrorAsync(400, "DBS.300306", $"{Invalid} {sentence}");
        _ddm.MySql.Passwords[user].ShouldBe("before");
    }

    [Theory]
    [InlineData("Qz7kW/m4Tb9p")]
    [InlineData("~!@#/%^*-_+?Aa1")]
    [InlineData("Qz7kWm4Tb9pL")]
    public async Task Reset_PasswordsThatAreGood_AreSet(string password)
    {
        using var response = await _ddm.ResetAsync($$"""{"password":"{{password}}"}""");

        await response.ShouldBeAsync(200, "{}");
        _ddm.MySql.Passwords["app"].ShouldBe(password);
    }

    [Theory]
    [InlineData("{", "Parameter error. The body is not a JSON object.")]
    [InlineData("[]", "Parameter error. The body is not a JSON object.")]
    [InlineData("", "Parameter error. The body is empty.")]
    [InlineData("{}", "Parameter error. The member password is missing.")]
    [InlineData("""{"password":null}""", "Parameter error. The member password is missing.")]
    [InlineData("""{"password":12345678}""", "Parameter error. The member password has the wrong type or value, occurs twice, or the JSON breaks there.")]
    [InlineData("""{"password":"Vt5qLw-e8Xn2","password":"Vt5qLw-e8Xn3"}""", "Parameter error. The member password has the wrong type or value, occurs twice, or the JSON breaks there.")]
    public async Task Reset_BadBody_IsAParameterErrorInBothVersions(string body, string message)
    {
        foreach (var version in (string[])["v2", "v3"])
        {
            using var response = await _ddm.ResetAsync(body, version: version);

            await response.ShouldBeErrorAsync(400, "DBS.280001", message);
        }

        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reset_AskedInChinese_AnswersInChinese()
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.PasswordOf("app"), """{"password":"Password1"}""", language: "zh-cn");

        await response.ShouldBeErrorAsync(400, "DBS.280203", "该密码为弱密码,请输入强密码。");
    }

    [Theory]
    [InlineData("ba62a0b83a1b42bfab275829d86ac0fdin07")]
    [InlineData("ba62a0b83a1b42bfab275829d86ac0fd")]
    [InlineData("ba62a0b83a1b42bfab275829d86ac0fdxin09")]
    [InlineData("ba62a0b83a1b42bfab2-5829d86ac0fdin09")]
    public async Task Reset_InstanceIdOfAnotherForm_IsAParameterError(string id)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, $"/v2/{_ddm.ProjectId}/instances/{id}/users/app/password", $$"""{"password":"{{DdmServer.Good}}"}""");

        await response.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error. The instance_id has 36 letters and digits and ends in in09.");
    }

    [Fact]
    public async Task Reset_UnknownInstance_IsNotFound()
    {
        var postgres = Guid.Parse(await _ddm.Running.RegisterAsync("postgresql")).ToString("N") + "in09";
        foreach (var id in (string[])["ba62a0b83a1b42bfab275829d86ac0fdin09", "zz62a0b83a1b42bfab275829d86ac0fdin09", postgres])
        {
            using var response = await _ddm.SendAsync(HttpMethod.Post, $"/v3/{_ddm.ProjectId}/instances/{id}/users/app/password", $$"""{"password":"{{DdmServer.Good}}"}""");

            await response.ShouldBeErrorAsync(404, "DBS.200002", "The DB instance does not exist.");
        }
    }

    [Theory]
    [InlineData("97b026aa9cc4417888c14c84a1ad9860", 403, "DBS.280015", "Resource not found or permission denied.")]
    [InlineData("97b026aa9cc4417888c14c84a1ad986", 400, "DBS.280001", "Parameter error. The project_id has 32 letters and digits.")]
    public async Task Reset_ProjectThatIsNotTheCallers_IsRefused(string project, int status, string code, string message)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, $"/v3/{project}/instances/{_ddm.Shop}/users/app/password", $$"""{"password":"{{DdmServer.Good}}"}""");

        await response.ShouldBeErrorAsync(status, code, message);
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reset_CredentialForOtherThings_IsForbidden()
    {
        var (reader, _) = await _ddm.SignInAsync(Scopes.TryParse(["keyturn:account:read"])!);
        using (reader)
        {
            using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.PasswordOf("app"), $$"""{"password":"{{DdmServer.Good}}"}""", client: reader);

            await response.ShouldBeErrorAsync(403, "DBS.280015", "Resource not found or permission denied.");
        }

        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reset_NoCredential_IsTheGatewaysError()
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.PasswordOf("app"), "{}", client: _ddm.Running.Anonymous);

        ((int)response.StatusCode).ShouldBe(401);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        error["error_code"]!.GetValue<string>().ShouldBe("APIGW.0301");
        error["request_id"]!.GetValue<string>().ShouldBe(response.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task Reset_UnknownAccount_IsNoNotFound()
    {
        using var response = await _ddm.ResetAsync(user: "nobody");

        await response.ShouldBeErrorAsync(400, "DBS.300327", $"The account does not exist. There is no account nobody. {EngineError.AccountMissing.NextStep()}");
    }

    [Fact]
    public async Task Reset_NameFromThePath_IsDecodedOnce()
    {
        _ddm.MySql.Passwords["a/b%20c"] = "before";

        using var response = await _ddm.ResetAsync(user: "a%2Fb%2520c");
        using var tooLong = await _ddm.ResetAsync(user: new string('a', 37));

        await response.ShouldBeAsync(200, "{}");
        _ddm.MySql.Passwords["a/b%20c"].ShouldBe(DdmServer.Good);
        await tooLong.ShouldBeErrorAsync(400, "DBS.300305", "Invalid DDM account name.");
    }

    [Fact]
    public async Task Reset_NoAnswerFromTheDatabase_IsBusyAndTheSameRequestGetsTheEnd()
    {
        _ddm.MySql.OnChange = () =>
        {
            _ddm.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };
        using var undecided = await _ddm.ResetAsync();
        _ddm.MySql.OnChange = null;
        _ddm.MySql.Down = null;

        using var again = await _ddm.ResetAsync();

        await undecided.ShouldBeErrorAsync(
            409,
            "DBS.200019",
            "Another operation is being performed on the DB instance or the DB instance is faulty. The database has not answered yet, and Keyturn is finding out: the same request again gets the end of this one.");
        await again.ShouldBeAsync(200, "{}");
        again.Headers.GetValues("Keyturn-Reset-Id").ShouldBe(undecided.Headers.GetValues("Keyturn-Reset-Id"));
    }

    [Theory]
    [InlineData(EngineError.Unreachable, 409, "DBS.200019", "Another operation is being performed on the DB instance or the DB instance is faulty.")]
    [InlineData(EngineError.Busy, 409, "DBS.200019", "Another operation is being performed on the DB instance or the DB instance is faulty.")]
    [InlineData(EngineError.TlsRejected, 400, "DBS.300328", "Failed to reset the password.")]
    [InlineData(EngineError.AdminLoginRefused, 400, "DBS.300328", "Failed to reset the password.")]
    public async Task Reset_DatabaseCannotBeAsked_IsBusyOnlyWhereThatPasses(EngineError cause, int status, string code, string sentence)
    {
        _ddm.MySql.Down = new Failure(cause, "It says why.");

        using var response = await _ddm.ResetAsync();

        await response.ShouldBeErrorAsync(status, code, $"{sentence} It says why. {cause.NextStep()}");
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData(EngineError.PasswordRefusedByServer, "DBS.300306", Invalid)]
    [InlineData(EngineError.AdminLacksPrivilege, "DBS.300328", "Failed to reset the password.")]
    [InlineData(EngineError.ServerError, "DBS.300328", "Failed to reset the password.")]
    public async Task Reset_DatabaseRefuses_IsNeverAServerError(EngineError cause, string code, string sentence)
    {
        _ddm.MySql.OnChange = () => ChangeResult.Refused(cause, "The database says no.");

        using var response = await _ddm.ResetAsync();

        await response.ShouldBeErrorAsync(400, code, $"{sentence} The database says no. {cause.NextStep()}");
    }

    [Theory]
    [InlineData("frozen", "DBS.280449", "Operation not allowed on frozen objects.")]
    [InlineData("abnormal", "DBS.200086", "This operation is not allowed by the DB instance status. shop is not ready: its status is Abnormal.")]
    [InlineData("restarting", "DBS.200086", "This operation is not allowed by the DB instance status. shop is not ready: its status is Restarting.")]
    public async Task Reset_InstanceThatIsNotReady_IsNothingToRepeat(string status, string code, string message)
    {
        await _ddm.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", $$"""{"status":"{{status}}"}""");

        using var response = await _ddm.ResetAsync();

        await response.ShouldBeErrorAsync(400, code, message);
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task AdminUser_TheAdminLogin_IsResetAndItsJobHasEnded()
    {
        using var response = await SetAdministratorAsync("admin", "Qz7kW=m4Tb9p");

        var reset = Guid.Parse(response.Headers.GetValues("Keyturn-Reset-Id").Single()).ToString("N");
        await response.ShouldBeAsync(200, $$"""{"instance_id":"{{_ddm.Shop}}","job_id":"{{reset}}"}""");
        _ddm.MySql.Passwords["admin"].ShouldBe("Qz7kW=m4Tb9p");
        var job = (await _ddm.GetAsync($"/v3/{_ddm.ProjectId}/jobs/{reset}"))["job"]!;
        job["id"]!.GetValue<string>().ShouldBe(reset);
        job["status"]!.GetValue<string>().ShouldBe("Completed");
        job["name"]!.GetValue<string>().ShouldBe("ResetAdminUserPassword");
        job["instance"]!.ToJsonString().ShouldBe($$"""{"id":"{{_ddm.Shop}}","name":"shop"}""");
    }

    [Fact]
    public async Task AdminUser_MainAccountThatIsNotThereYet_IsMade()
    {
        await _ddm.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", """{"main_account":"root"}""");

        using var response = await SetAdministratorAsync("root", "Qz7kW=m4Tb9p");

        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        _ddm.MySql.Passwords["root"].ShouldBe("Qz7kW=m4Tb9p");
    }

    [Fact]
    public async Task AdminUser_AnotherName_IsRefused()
    {
        using var response = await SetAdministratorAsync("app", "Qz7kW=m4Tb9p");

        await response.ShouldBeErrorAsync(400, "DBS.300305", "Invalid DDM account name. The administrator of this instance is admin.");
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Jobs_ResetOfAnotherCall_IsNone()
    {
        using var reset = await _ddm.ResetAsync();
        var id = Guid.Parse(reset.Headers.GetValues("Keyturn-Reset-Id").Single()).ToString("N");

        using var response = await _ddm.SendAsync(HttpMethod.Get, $"/v3/{_ddm.ProjectId}/jobs/{id}");

        await response.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error. There is no such job.");
    }

    private Task<HttpResponseMessage> SetAdministratorAsync(string name, string password) =>
        _ddm.SendAsync(HttpMethod.Put, $"/v3/{_ddm.ProjectId}/instances/{_ddm.Shop}/admin-user", $$"""{"name":"{{name}}","password":"{{password}}"}""");
}
