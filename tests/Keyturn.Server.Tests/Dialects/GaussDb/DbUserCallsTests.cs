using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.GaussDb;

public sealed class DbUserCallsTests : IAsyncLifetime
{
    private const string Password = "Kupfer_7-Wagen";
    private const string Other = "Blatt+9_Regen";
    private GaussDbServer _server = null!;

    private Dictionary<string, string> Passwords => _server.Database.Passwords;

    public async ValueTask InitializeAsync()
    {
        _server = await GaussDbServer.StartAsync();
        Passwords["app@10.0.0.%"] = "before";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", """{"users":[ADMIN,APP,INNER,ROOT],"total_count":4}""")]
    [InlineData("?offset=1&limit=2", """{"users":[APP,INNER],"total_count":4}""")]
    [InlineData("?offset=4", """{"users":[],"total_count":4}""")]
    public async Task List_Rows_AreUsersWithTheExactTotal(string query, string expected)
    {
        Passwords["rdsRepl"] = "the provider's";

        using var response = await _server.UsersAsync(HttpMethod.Get, operation: query);

        await response.ShouldBeAsync(200, expected
            .Replace("ADMIN", Shown("admin", "%"), StringComparison.Ordinal)
            .Replace("APP", Shown("app", "%"), StringComparison.Ordinal)
            .Replace("INNER", Shown("app", "10.0.0.%"), StringComparison.Ordinal)
            .Replace("ROOT", Shown("root", "%"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?limit=0", 400, "DBS.280001", "Parameter error.")]
    [InlineData("?offset=-1", 400, "DBS.280001", "Parameter error.")]
    public async Task List_BadPage_IsAParameterError(string query, int status, string code, string message)
    {
        using var response = await _server.UsersAsync(HttpMethod.Get, operation: query);

        await response.ShouldBeErrorAsync(status, code, message);
    }

    [Fact]
    public async Task Create_SeveralUsersAndHosts_MakesARowEachAndAJobThatIsCompleted()
    {
        using var response = await _server.UsersAsync(
            HttpMethod.Post, $$"""{"users":[{"name":"tf_1","password":"{{Password}}","hosts":["10.1.%","10.2.%"],"databases":[],"comment":""},{"name":"tf_2","password":"{{Other}}"}]}""");

        var job = await ShouldBeJobAsync(response, 201);
        (Passwords["tf_1@10.1.%"], Passwords["tf_1@10.2.%"], Passwords["tf_2"]).ShouldBe((Password, Password, Other));
        response.Headers.GetValues("Keyturn-Reset-Id").Distinct().Count().ShouldBe(3);
        ShouldBeCompleted(job, "CreateGaussDBforMySQLUser");
        (await _server.SecretAsync("tf_1/secret?host=10.2.%25")).ShouldBe(Password);
    }

    [Fact]
    public async Task ResetPasswords_OfSeveralRows_ChangesThemAndNoOther()
    {
        using var response = await _server.UsersAsync(
            HttpMethod.Put, $$"""{"users":[{"name":"app","host":"10.0.0.%","password":"{{Password}}"},{"name":"root","host":"%","password":"{{Other}}"}]}""", "/password");

        ShouldBeCompleted(await ShouldBeJobAsync(response, 202), "ResetGaussDBforMySQLUserPassword");
        (Passwords["app@10.0.0.%"], Passwords["root"], Passwords["app"]).ShouldBe((Password, Other, "before"));
    }

    [Fact]
    public async Task ResetPasswords_UserHeldAsAllRowsOfWhichThereIsOne_ResetsThatUser()
    {
        using var administrator = await _server.ResetAsync();

        using var response = await _server.UsersAsync(HttpMethod.Put, $$"""{"users":[{"name":"root","host":"%","password":"{{Other}}"}]}""", "/password");

        ShouldBeCompleted(await ShouldBeJobAsync(response, 202), "ResetGaussDBforMySQLUserPassword");
        (await _server.SecretAsync("root/secret")).ShouldBe(Other);
    }

    [Fact]
    public async Task ResetPasswords_UserHeldAsAllRowsOfWhichThereAreTwo_IsRefused()
    {
        await _server.Running.PostAsync("/api/v1/instances/orders/accounts/app/adopt", """{"password":"before"}""");

        using var response = await _server.UsersAsync(HttpMethod.Put, $$"""{"users":[{"name":"app","host":"%","password":"{{Other}}"}]}""", "/password");

        await response.ShouldBeErrorAsync(409, "DBS.280406",
            "Operation not allowed by the DB instance type or status. Keyturn holds one password for all rows of app, of which app@% would be one with another.");
        _server.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Drop_Rows_DropsThemAndForgetsTheirPasswords()
    {
        using var held = await _server.UsersAsync(HttpMethod.Put, $$"""{"users":[{"name":"app","host":"10.0.0.%","password":"{{Password}}"}]}""", "/password");

        using var response = await _server.UsersAsync(HttpMethod.Delete, """{"users":[{"name":"app","host":"10.0.0.%"},{"name":"root","host":"%"}]}""");

        ShouldBeCompleted(await ShouldBeJobAsync(response, 202), "DeleteGaussDBforMySQLUser");
        Passwords.Keys.ShouldBe(["admin", "app"], ignoreOrder: true);
        (await _server.Running.GetAsync("/api/v1/instances/orders/accounts/app/secret?host=10.0.0.%25")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Comment_None_IsAJobThatIsCompleted()
    {
        using var response = await _server.UsersAsync(HttpMethod.Put, """{"users":[{"name":"app","host":"%","comment":""}]}""", "/comment");

        ShouldBeCompleted(await ShouldBeJobAsync(response, 202), "ModifyGaussDBforMySQLUserComment");
    }

    [Theory]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"kupfer7"}]}""", 400, "DBS.280246", "Invalid database root password.")]
    [InlineData("POST", "", """{"users":[{"name":"Kupfer_7Wagen","password":"Kupfer_7Wagen"}]}""", 400, "DBS.05000006", "The username and password must be different.")]
    [InlineData("POST", "", """{"users":[{"name":"negaW7_refpuK","password":"Kupfer_7Wagen"}]}""", 400, "DBS.05000007", "The password cannot be the username spelled backwards.")]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Password_123"}]}""", 400, "DBS.280203", "This is a weak password. Please enter a strong password.")]
    [InlineData("POST", "", """{"users":[{"name":"app","password":"Kupfer_7-Wagen"}]}""", 409, "DBS.200827", "The database user already exists. app@% exists already. *")]
    [InlineData("POST", "", """{"users":[{"name":"rdsAdmin","password":"Kupfer_7-Wagen"}]}""", 409, "DBS.200828", "You are not allowed to create a database built-in account. rdsAdmin is the provider's own account.")]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Kupfer_7-Wagen","databases":[{"name":"test","readonly":false}]}]}""", 400, "DBS.280001", "Parameter error. Keyturn grants no databases: leave databases out.")]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Kupfer_7-Wagen","comment":"mine"}]}""", 400, "DBS.280001", "Parameter error. Keyturn keeps no comments: leave comment out.")]
    [InlineData("POST", "", """{"users":[{"name":"t-f","password":"Kupfer_7-Wagen"}]}""", 400, "DBS.280001", "Parameter error. A name is 1 to 32 letters, digits or underscores.")]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Kupfer_7-Wagen","hosts":["10.%","10.%"]}]}""", 400, "DBS.280001", "Parameter error. A name with the same host occurs twice in users.")]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Kupfer_7-Wagen"},{"name":"tf","password":"Kupfer_7-Wagen","hosts":["%"]}]}""", 400, "DBS.280001", "Parameter error. A name with the same host occurs twice in users.")]
    [InlineData("POST", "", """{"users":[{"name":"tf"}]}""", 400, "DBS.280001", "Parameter error. Each of users needs name and password.")]
    [InlineData("POST", "", """{"users":[null]}""", 400, "DBS.280001", "Parameter error. An entry of users is null.")]
    [InlineData("POST", "", """{"users":[]}""", 400, "DBS.280001", "Parameter error. users must have 1 to 50 entries.")]
    [InlineData("POST", "", """{"users":"[]"}""", 400, "DBS.280001", "Parameter error. The member users has the wrong type or value, occurs twice, or the JSON breaks there.")]
    [InlineData("POST", "", null, 400, "DBS.200006", "The request is null. Enter a request parameter.")]
    [InlineData("PUT", "/password", """{"users":[{"name":"nobody","host":"%","password":"Kupfer_7-Wagen"}]}""", 400, "DBS.200824", "The database account does not exist. There is no account nobody@%. *")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"10.9.9.9","password":"Kupfer_7-Wagen"}]}""", 400, "DBS.200824", "The database account does not exist. There is no account app@10.9.9.9. *")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"%","password":"Kupfer_7-Wagen"},{"name":"rdsRepl","host":"%","password":"Kupfer_7-Wagen"}]}""", 409, "DBS.200828", "You are not allowed to create a database built-in account. rdsRepl is the provider's own account.")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"%","password":"Kupfer_7-Wagen"},{"name":"app","host":"%","password":"Blatt+9_Regen"}]}""", 400, "DBS.280001", "Parameter error. A name with the same host occurs twice in users.")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"%","password":"Kupfer_7-Wagen"},{"name":"root","host":"%","password":"kurz"}]}""", 400, "DBS.280246", "Invalid database root password.")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","password":"Kupfer_7-Wagen"}]}""", 400, "DBS.280001", "Parameter error. Each of users needs name and host.")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"%"}]}""", 400, "DBS.280001", "Parameter error. Each of users needs a password.")]
    [InlineData("PUT", "/comment", """{"users":[{"name":"app","host":"%","comment":"mine"}]}""", 400, "DBS.280001", "Parameter error. Keyturn keeps no comments: leave comment empty.")]
    [InlineData("PUT", "/comment", """{"users":[{"name":"nobody","host":"%","comment":""}]}""", 400, "DBS.200824", "The database account does not exist. There is no account nobody@%. *")]
    [InlineData("DELETE", "", """{"users":[{"name":"app","host":"%"},{"name":"nobody","host":"%"}]}""", 400, "DBS.200824", "The database account does not exist. There is no account nobody@%. *")]
    [InlineData("DELETE", "", """{"users":[{"name":"app","host":"%"},{"name":"rdsBackup","host":"%"}]}""", 409, "DBS.200828", "You are not allowed to create a database built-in account. rdsBackup is the provider's own account.")]
    [InlineData("DELETE", "", """{"users":[{"name":"admin","host":"%"}]}""", 409, "DBS.200828", "You are not allowed to create a database built-in account. admin is the login that Keyturn administers orders with.")]
    [InlineData("DELETE", "", """{"users":[{"name":"app","host":"%"},{"name":"admin","host":"%"}]}""", 409, "DBS.200828", "You are not allowed to create a database built-in account. admin is the login that Keyturn administers orders with.")]
    [InlineData("POST", "/privilege", """{"users":[]}""", 409, "DBS.280406", "Operation not allowed by the DB instance type or status. Keyturn sets passwords; rights are changed on the database itself.")]
    [InlineData("DELETE", "/privilege", null, 409, "DBS.280406", "Operation not allowed by the DB instance type or status. Keyturn sets passwords; rights are changed on the database itself.")]
    public async Task AnyCall_OfWhichOneEntryIsWrong_ChangesNothing(string method, string operation, string? body, int status, string code, string message)
    {
        Passwords["rdsRepl"] = Passwords["rdsBackup"] = "before";
        var before = Passwords.ToDictionary();

        using var response = await _server.UsersAsync(new HttpMethod(method), body, operation);

        // An asterisk is for the engine's advice.
        var advice = code == "DBS.200827" ? EngineError.AccountExists.NextStep() : EngineError.AccountMissing.NextStep();
        await response.ShouldBeErrorAsync(status, code, message.Replace("*", advice, StringComparison.Ordinal));
        Passwords.ShouldBe(before);
        _server.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Create_MoreRowsThanOneCallMay_IsAParameterError()
    {
        var users = string.Join(',', Enumerable.Range(0, 26).Select(number => $$"""{"name":"u{{number}}","password":"{{Password}}","hosts":["10.%","11.%"]}"""));

        using var response = await _server.UsersAsync(HttpMethod.Post, $$"""{"users":[{{users}}]}""");

        await response.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error. One call makes at most 50 rows.");
    }

    [Theory]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Kupfer_7-Wagen"}]}""")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"%","password":"Kupfer_7-Wagen"}]}""")]
    [InlineData("DELETE", "", """{"users":[{"name":"app","host":"%"}]}""")]
    public async Task AnyCall_FrozenInstance_IsRefused(string method, string operation, string body)
    {
        await _server.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", """{"status":"frozen"}""");

        using var response = await _server.UsersAsync(new HttpMethod(method), body, operation);

        await response.ShouldBeErrorAsync(400, "DBS.280449", "Operation not allowed on frozen objects.");
    }

    [Theory]
    [InlineData("GET", "", null)]
    [InlineData("POST", "", """{"users":[{"name":"tf","password":"Kupfer_7-Wagen"}]}""")]
    [InlineData("PUT", "/password", """{"users":[{"name":"app","host":"%","password":"Kupfer_7-Wagen"}]}""")]
    [InlineData("DELETE", "", """{"users":[{"name":"app","host":"%"}]}""")]
    public async Task AnyCall_DatabaseIsDown_IsA500BecauseNothingWasWrittenOrSent(string method, string operation, string? body)
    {
        _server.Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        using var response = await _server.UsersAsync(new HttpMethod(method), body, operation);

        await response.ShouldBeErrorAsync(500, "DBS.213002", $"Failed to process the request. Nothing listens. {EngineError.Unreachable.NextStep()}");
    }

    [Fact]
    public async Task ResetPasswords_DatabaseRefusesTheFirst_IsAnErrorAndNoJob()
    {
        _server.Database.OnChange = () => ChangeResult.Refused(EngineError.PasswordRefusedByServer, "The database says no.");

        using var response = await _server.UsersAsync(
            HttpMethod.Put, $$"""{"users":[{"name":"app","host":"%","password":"{{Password}}"},{"name":"root","host":"%","password":"{{Other}}"}]}""", "/password");

        await response.ShouldBeErrorAsync(
            400, "DBS.280246", $"Invalid database root password. The database says no. {EngineError.PasswordRefusedByServer.NextStep()}");
        _server.Database.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task ResetPasswords_DatabaseRefusesTheSecond_IsAJobThatTellsWhatIsLeftUndone()
    {
        _server.Database.OnChange = () =>
        {
            _server.Database.OnChange = () => ChangeResult.Refused(EngineError.PasswordRefusedByServer, "The database says no.");
            Passwords["app"] = Password;
            return ChangeResult.Applied;
        };

        using var response = await _server.UsersAsync(
            HttpMethod.Put,
            $$"""{"users":[{"name":"app","host":"%","password":"{{Password}}"},{"name":"root","host":"%","password":"{{Other}}"},{"name":"app","host":"10.0.0.%","password":"{{Other}}"}]}""",
            "/password");

        var job = await ShouldBeJobAsync(response, 202);
        job["status"]!.GetValue<string>().ShouldBe("Failed");
        job["fail_reason"]!.GetValue<string>().ShouldBe("root@%: nothing was changed. The database says no. The accounts after it were left as they are.");
        (Passwords["app"], Passwords["root"], Passwords["app@10.0.0.%"]).ShouldBe((Password, "before", "before"));
    }

    [Fact]
    public async Task ResetPasswords_NoAnswerFromTheDatabase_IsAJobThatRunsUntilTheResetHasAnEnd()
    {
        _server.LoseTheNextAnswer();
        using var response = await _server.UsersAsync(HttpMethod.Put, $$"""{"users":[{"name":"app","host":"%","password":"{{Password}}"}]}""", "/password");
        var job = await ShouldBeJobAsync(response, 202);
        job["status"]!.GetValue<string>().ShouldBe("Running");
        job.AsObject().ContainsKey("ended").ShouldBeFalse();

        (_server.Database.OnChange, _server.Database.Down) = (null, null);

        await Eventually.ShouldAsync(async () => (await _server.JobAsync(job["id"]!.GetValue<string>()))["status"]!.GetValue<string>() == "Completed");
        Passwords["app"].ShouldBe(Password);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?id=")]
    [InlineData("?id=x")]
    [InlineData("?id=dff1d289-4d03-4942-8b9f-463ea07c000d")]
    public async Task Job_Unknown_IsAParameterError(string query)
    {
        using var response = await _server.GetAsync($"/v3/{_server.Project}/jobs{query}");

        await response.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error. There is no such job.");
    }

    private static string Shown(string name, string host) => $$"""{"name":"{{name}}","host":"{{host}}","comment":"","databases":[]}""";

    /// <summary>The job, at its first poll.</summary>
    private async Task<JsonNode> ShouldBeJobAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        var id = JsonNode.Parse(text)!["job_id"]?.GetValue<string>();
        await response.ShouldBeAsync(status, $$"""{"job_id":"{{id}}"}""");
        Guid.ParseExact(id!, "D").ShouldNotBe(Guid.Empty);
        return await _server.JobAsync(id!);
    }

    private void ShouldBeCompleted(JsonNode job, string name)
    {
        var (created, ended) = (job["created"]!.GetValue<string>(), job["ended"]!.GetValue<string>());
        created.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$");
        ended.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$");
        job.ToJsonString().ShouldBe(JsonNode.Parse(
            $$$"""
            {"id":"{{{job["id"]}}}","name":"{{{name}}}","status":"Completed","created":"{{{created}}}","ended":"{{{ended}}}","process":"",
             "instance":{"id":"{{{_server.Instance}}}","name":"orders"},"entities":{}}
            """)!.ToJsonString());
    }
}
