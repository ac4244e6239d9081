using Keyturn.Access;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.GaussDb;

/// <summary>The administrator's password: the answers, row by row of the error table.</summary>
public sealed class ResetPasswordTests : IAsyncLifetime
{
    private const string Malformed = "Parameter error. The body is not a JSON object.";
    private const string WrongMember = "Parameter error. The member password has the wrong type or value, occurs twice, or the JSON breaks there.";
    private const string Form = "Invalid database root password.";

    private GaussDbServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GaussDbServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/mysql/v3", """{"password":"Test_345612"}""")]
    [InlineData("/v3", """{"password":"Test_345612"}""")]
    [InlineData("/mysql/v3", """{"InstanceId":"c3ec2c6148ad4d71b1a8411a62df0d3cin07","password":"Test_345612"}""" + "\n")]
    public async Task Reset_OfTheDocumentsAndOfTerraform_IsAnEmptyObject(string version, string body)
    {
        using var response = await _server.ResetAsync(body, version);

        await response.ShouldBeAsync(200, "{}");
        _server.Database.Passwords["root"].ShouldBe("Test_345612");
        var reset = Guid.Parse(response.Headers.GetValues("Keyturn-Reset-Id").Single());
        (await _server.Running.GetAsync($"/api/v1/resets/{reset}")).Body["reset"]!["operation"]!.GetValue<string>().ShouldBe("gaussdb.reset_password");
    }

    [Fact]
    public async Task Reset_InstanceWithAMainAccount_IsForThatOne()
    {
        await using var server = await GaussDbServer.StartAsync(", \"main_account\": \"app\"");

        using var response = await server.ResetAsync();

        await response.ShouldBeAsync(200, "{}");
        server.Database.Passwords["app"].ShouldBe(GaussDbServer.NewPassword);
        server.Database.Passwords["root"].ShouldBe("before");
    }

    [Fact]
    public async Task Reset_AdministratorWithSeveralRows_IsForAllOfThem()
    {
        _server.Database.Passwords["root@localhost"] = "before";

        using var response = await _server.ResetAsync();

        await response.ShouldBeAsync(200, "{}");
        _server.Database.Passwords["root"].ShouldBe(GaussDbServer.NewPassword);
        _server.Database.Passwords["root@localhost"].ShouldBe(GaussDbServer.NewPassword);
    }

    [Fact]
    public async Task Reset_AdministratorHeldByItsOnlyRow_ResetsThatRow()
    {
        await _server.Running.PostAsync("/api/v1/instances/orders/accounts/root/adopt?host=%25", """{"password":"before"}""");

        using var response = await _server.ResetAsync();

        await response.ShouldBeAsync(200, "{}");
        (await _server.SecretAsync("root/secret?host=%25")).ShouldBe(GaussDbServer.NewPassword);
    }

    [Theory]
    [InlineData(null, "DBS.200006", "The request is null. Enter a request parameter.")]
    [InlineData("", "DBS.200006", "The request is null. Enter a request parameter.")]
    [InlineData("null", "DBS.200006", "The request is null. Enter a request parameter.")]
    [InlineData("{", "DBS.280001", Malformed)]
    [InlineData("[]", "DBS.280001", Malformed)]
    [InlineData("""{"password":1}""", "DBS.280001", WrongMember)]
    [InlineData("""{"password":"Test_345612","password":"Test_345612"}""", "DBS.280001", WrongMember)]
    [InlineData("{}", "DBS.280001", "Parameter error. The member password is missing.")]
    [InlineData("""{"password":null}""", "DBS.280001", "Parameter error. The member password is missing.")]
    [InlineData("""{"Password":"Test_345612"}""", "DBS.290001", "Invalid parameter letter case.")]
    [InlineData("""{"password":""}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Test_34"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Test_3456Test_3456Test_3456Test_3"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"quietmountain7"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Quiet mountain 7"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Quiet|Mountain7"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Quiet.Mountain7"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Quiét_Mountain7"}""", "DBS.280246", Form)]
    [InlineData("""{"password":"Password_123"}""", "DBS.280203", "This is a weak password. Please enter a strong password.")]
    [InlineData("""{"password":"password"}""", "DBS.280246", Form)]
    public async Task Reset_BadBody_IsA400AndChangesNothing(string? body, string code, string message)
    {
        using var response = await _server.ResetAsync(body);

        await response.ShouldBeErrorAsync(400, code, message);
        _server.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reset_EverySpecialOfTheDocuments_IsTaken()
    {
        using var response = await _server.ResetAsync("""{"password":"aZ7~!@#$%^*-_=+?,()&"}""");

        await response.ShouldBeAsync(200, "{}");
    }

    [Theory]
    [InlineData("c3ec2c6148ad4d71b1a8411a62df0d3cin07", 404, "DBS.200002", "The DB instance does not exist.")]
    [InlineData("c3ec2c6148ad4d71b1a8411a62df0d3cin02", 400, "DBS.280404", "Invalid DB instance ID or node ID format.")]
    [InlineData("c3ec2c6148ad4d71b1a8411a62df0d3c", 400, "DBS.280404", "Invalid DB instance ID or node ID format.")]
    [InlineData("orders", 400, "DBS.280404", "Invalid DB instance ID or node ID format.")]
    public async Task Reset_AnotherInstance_IsMissingOrNoId(string instance, int status, string code, string message)
    {
        using var response = await _server.ResetAsync(instance: instance);

        await response.ShouldBeErrorAsync(status, code, message);
    }

    [Fact]
    public async Task Reset_ServerOfAnotherEngine_IsMissing()
    {
        var redis = await _server.Running.RegisterAsync("redis");

        using var response = await _server.ResetAsync(instance: $"{Guid.Parse(redis):N}in07");

        await response.ShouldBeErrorAsync(404, "DBS.200002", "The DB instance does not exist.");
    }

    [Theory]
    [InlineData("frozen", 400, "DBS.280449", "Operation not allowed on frozen objects.")]
    [InlineData("creating", 400, "DBS.200086", "This operation is not allowed by the DB instance status. orders is not ready: its status is Creating.")]
    [InlineData("abnormal", 400, "DBS.200086", "This operation is not allowed by the DB instance status. orders is not ready: its status is Abnormal.")]
    [InlineData("storage-full", 409, "DBS.200316", "This operation cannot be performed because the DB instance status is Storage full.")]
    public async Task Reset_InstanceThatMayNotBeWorkedOn_IsRefused(string status, int code, string error, string message)
    {
        await _server.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        using var response = await _server.ResetAsync();

        await response.ShouldBeErrorAsync(code, error, message);
        _server.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reset_DatabaseIsDown_IsA500BecauseNothingWasWrittenOrSent()
    {
        _server.Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        using var response = await _server.ResetAsync();

        await response.ShouldBeErrorAsync(
            500, "DBS.213002", "Failed to process the request. Nothing listens. Check that the server runs and that host, port and firewall let Keyturn through.");
        (await _server.Running.GetAsync("/api/v1/resets")).Body["resets"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Reset_NoAdministrator_IsNoSuchAccount()
    {
        _server.Database.Passwords.Remove("root");

        using var response = await _server.ResetAsync();

        await response.ShouldBeErrorAsync(400, "DBS.200824", $"The database account does not exist. There is no account root. {EngineError.AccountMissing.NextStep()}");
    }

    [Theory]
    [InlineData(EngineError.PasswordRefusedByServer, 400, "DBS.280246", "Invalid database root password.")]
    [InlineData(EngineError.AdminLacksPrivilege, 409, "DBS.280406", "Operation not allowed by the DB instance type or status.")]
    [InlineData(EngineError.ServerError, 409, "DBS.280406", "Operation not allowed by the DB instance type or status.")]
    [InlineData(EngineError.ReadOnlyNode, 409, "DBS.200019", "Another operation is being performed on the DB instance or the DB instance is faulty.")]
    [InlineData(EngineError.Busy, 409, "DBS.200019", "Another operation is being performed on the DB instance or the DB instance is faulty.")]
    public async Task Reset_DatabaseRefuses_IsNeverA5xx(EngineError cause, int status, string code, string message)
    {
        _server.Database.OnChange = () => ChangeResult.Refused(cause, "The database says no.");

        using var response = await _server.ResetAsync();

        await response.ShouldBeErrorAsync(status, code, $"{message} The database says no. {cause.NextStep()}");
        response.Headers.Contains("Keyturn-Reset-Id").ShouldBeTrue();
    }

    [Fact]
    public async Task Reset_NoAnswerFromTheDatabase_IsAConflictThatTerraformRepeatsUntilItHasAnEnd()
    {
        _server.LoseTheNextAnswer();
        using var undecided = await _server.ResetAsync();
        await undecided.ShouldBeErrorAsync(409, "DBS.200019",
            "Another operation is being performed on the DB instance or the DB instance is faulty. "
            + "The database has not answered yet, and Keyturn is finding out: the same request again gets the end of this reset.");

        (_server.Database.OnChange, _server.Database.Down) = (null, null);
        using var repeated = await _server.ResetAsync();

        await repeated.ShouldBeAsync(200, "{}");
        repeated.Headers.GetValues("Keyturn-Reset-Id").ShouldBe(undecided.Headers.GetValues("Keyturn-Reset-Id"));
        _server.Database.Passwords["root"].ShouldBe(GaussDbServer.NewPassword);
    }

    [Fact]
    public async Task Reset_SameKeyForAnotherPassword_IsAParameterError()
    {
        var path = $"/v3/{_server.Project}/instances/{_server.Instance}/password";
        using var first = await _server.SendAsync(HttpMethod.Post, path, """{"password":"Test_345612"}""", request => request.Headers.Add("Idempotency-Key", "1"));

        using var second = await _server.SendAsync(HttpMethod.Post, path, """{"password":"Test_345613"}""", request => request.Headers.Add("Idempotency-Key", "1"));

        await second.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error. The idempotency key was used for another request.");
        _server.Database.Passwords["root"].ShouldBe("Test_345612");
    }

    [Theory]
    [InlineData("zh-cn", "实例不存在。")]
    [InlineData("en-us", "The DB instance does not exist.")]
    [InlineData("de-de", "The DB instance does not exist.")]
    public async Task AnyError_InTheLanguageThatIsAskedFor(string language, string message)
    {
        using var response = await _server.SendAsync(
            HttpMethod.Get, $"/v3/{_server.Project}/instances/{Guid.NewGuid():N}in07", change: request => request.Headers.Add("X-Language", language));

        System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error_msg"]!.GetValue<string>().ShouldBe(message);
    }

    [Theory]
    [InlineData("/mysql/v3/{0}/instances")]
    [InlineData("/v3/{0}/instances/c3ec2c6148ad4d71b1a8411a62df0d3cin07")]
    [InlineData("/v3.1/{0}/instances")]
    [InlineData("/v3/{0}/jobs?id=1")]
    public async Task AnyCall_InAnotherProject_IsForbidden(string path)
    {
        var other = (await _server.Running.Store.Principals.FindProjectAsync("project-of-stranger", default))!.Id.ToString("N");

        using var response = await _server.GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, other));

        await response.ShouldBeErrorAsync(403, "DBS.200604", "The DB instance ID or user ID may be null, or the operation is not authorized.");
        (await _server.Running.RefusalsAsync()).ShouldHaveSingleItem().ShouldContain("names another project than the credential's");
    }

    [Theory]
    [InlineData("/mysql/v3/{0}/instances", null, "Unauthorized")]
    [InlineData("/v3/{0}/instances/c3ec2c6148ad4d71b1a8411a62df0d3cin07", "MIIF", "decrypt token fail")]
    public async Task AnyCall_WithoutAGoodToken_IsTheGateways401(string path, string? token, string detail)
    {
        using var response = await _server.SendAsync(HttpMethod.Get, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, _server.Project), change: request =>
        {
            request.Headers.Remove("X-Auth-Token");
            request.Headers.TryAddWithoutValidation("X-Auth-Token", token);
        });

        var id = response.Headers.GetValues("X-Request-Id").Single();
        await response.ShouldBeAsync(401, $$"""{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: {{detail}}","request_id":"{{id}}"}""");
    }

    [Fact]
    public async Task AnyCall_ThatTheCredentialIsNotFor_IsForbiddenAndChangesNothing()
    {
        var principals = _server.Running.Store.Principals;
        var project = (await principals.FindProjectAsync("project-of-operator", default))!;
        var token = await GaussDbServer.AddSessionAsync(principals, (await principals.FindAsync(project.Id, "operator", default))!, Scopes.TryParse([KeyturnAction.ReadInstance])!);

        using var response = await _server.SendAsync(HttpMethod.Post, $"/v3/{_server.Project}/instances/{_server.Instance}/password", """{"password":"Test_345612"}""", request =>
        {
            request.Headers.Remove("X-Auth-Token");
            request.Headers.Add("X-Auth-Token", token.Reveal());
        });

        await response.ShouldBeErrorAsync(403, "DBS.280015", "Resource not found or permission denied.");
        _server.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task UnknownPath_IsTheGateways404()
    {
        using var response = await _server.GetAsync($"/mysql/v3/{_server.Project}/flavors");

        var id = response.Headers.GetValues("X-Request-Id").Single();
        await response.ShouldBeAsync(404, $$"""{"error_code":"APIGW.0101","error_msg":"The API does not exist or has not been published in the environment.","request_id":"{{id}}"}""");
    }
}
