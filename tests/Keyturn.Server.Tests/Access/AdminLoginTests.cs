using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Tests.Dialects.Ddm;

namespace Keyturn.Server.Tests.Access;

/// <summary>The login that Keyturn administers an instance with gets no new password from who may only reset accounts, by whichever door.</summary>
public sealed class AdminLoginTests : IAsyncLifetime
{
    private const string Before = "Adm1n-Pa55word";
    private const string Given = "Vt5qLw_e8Xn2";
    private const string Reset = "keyturn:account:reset";
    private const string Rotate = "keyturn:instance:rotate-admin";

    private readonly Dictionary<string, string> _ids = [];
    private RunningServer _server = null!;
    private HttpClient _ci = null!;
    private HttpClient _signedIn = null!;
    private HttpClient _withKey = null!;
    private string _project = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        foreach (var engine in _server.Engines)
        {
            engine.Passwords["app"] = "before";
            _ids[engine.Name] = await _server.RegisterAsync(engine.Name, engine.Name, engine.Name == "redis" ? ""","main_account":"admin" """ : "");
        }

        await _server.PostAsync("/api/v1/principals", """{"name":"ci","email":"ci@example.com"}""");
        _ci = _server.NewClient(await IssueAsync("token"));
        (_signedIn, var project) = await DdmServer.SignInAsync(_server, Scopes.All, "ci");
        _project = project.Id.ToString("N");
        _withKey = _server.NewClient(token: null);
        _withKey.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"ci@example.com:{(await IssueAsync("email-key")).Reveal()}")));
        await _server.PostAsync("/api/v1/policies", $$"""{"name":"p","document":{{Document([Reset])}}}""");
        (await _server.SendAsync(HttpMethod.Put, "/api/v1/policies/p/principals/ci", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    public ValueTask DisposeAsync()
    {
        _ci.Dispose();
        _signedIn.Dispose();
        _withKey.Dispose();
        return _server.DisposeAsync();
    }

    [Theory]
    [InlineData("POST", "reset", null)]
    [InlineData("POST", "reset", """{"reveal":false}""")]
    [InlineData("POST", "reset", $$"""{"password":"{{Given}}"}""")]
    [InlineData("POST", "discard-old", null)]
    [InlineData("PUT", "schedule", """{"every_days":1}""")]
    [InlineData("DELETE", "schedule", null)]
    public async Task Native_ByPolicyOrByScope_IsRefusedNamingTheRight(string method, string operation, string? body)
    {
        using var narrow = await _server.ClientAsync(Reset);
        foreach (var client in new[] { _ci, narrow })
        {
            using var response = await client.SendAsync(_server.Request(new HttpMethod(method), $"/api/v1/instances/postgresql/accounts/admin/{operation}", body));
            (await response.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain(Rotate);
        }

        NothingIsChanged();
        var entry = (await _server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!;
        (entry["action"]!.GetValue<string>(), entry["outcome"]!.GetValue<string>(), entry["instance_id"]!.GetValue<string>()).ShouldBe(("access", "refused", _ids["postgresql"]));
        using var ordinary = await _ci.PostAsync("/api/v1/instances/postgresql/accounts/app/reset", content: null);
        ordinary.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Native_WhoMayRotateIt_SeesItOnlyWithReveal()
    {
        const string Path = "/api/v1/instances/postgresql/accounts/admin/reset";
        await AllowAsync(Reset, Rotate);

        using var asked = await _ci.SendAsync(_server.Request(HttpMethod.Post, Path, """{"reveal":true}"""));
        (await asked.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain("keyturn:account:reveal");
        NothingIsChanged();

        using var silent = await _ci.PostAsync(Path, content: null);
        silent.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = await silent.Content.ReadAsStringAsync();
        _server.Postgres.Passwords["admin"].ShouldNotBe(Before);
        text.ShouldNotContain(_server.Postgres.Passwords["admin"]);

        await AllowAsync(Reset, Rotate, "keyturn:account:reveal");
        using var shown = await _ci.PostAsync(Path, content: null);
        JsonNode.Parse(await shown.Content.ReadAsStringAsync())!["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["admin"]);
    }

    [Fact]
    public async Task Native_OneRowOfTheAdminsUser_IsTheAdminToo_AndSoIsANamesakeInAnotherDatabase()
    {
        _server.MariaDb.Passwords["admin@10.0.0.%"] = "before";
        _server.MongoDb.Passwords["shop.admin"] = "before";

        using var row = await _ci.PostAsync("/api/v1/instances/mariadb/accounts/admin/reset?host=10.0.0.%25", content: null);
        using var all = await _ci.PostAsync("/api/v1/instances/mariadb/accounts/admin/reset", content: null);
        using var named = await _ci.PostAsync("/api/v1/instances/mongodb/accounts/admin/reset?auth_database=admin", content: null);
        using var other = await _ci.PostAsync("/api/v1/instances/mongodb/accounts/admin/reset?auth_database=shop", content: null);

        await row.ProblemAsync("forbidden", 403);
        await all.ProblemAsync("forbidden", 403);
        await named.ProblemAsync("forbidden", 403);
        await other.ProblemAsync("forbidden", 403);
        NothingIsChanged();
    }

    [Theory]
    [InlineData(Reset, "/v2/databases/POSTGRESQL/users/admin/reset_auth")]
    [InlineData(Rotate, "/v2/databases/POSTGRESQL/users/admin/reset_auth")]
    public async Task DigitalOcean_NeedsBoth(string alsoAllowed, string path)
    {
        await AllowAsync(Reset, alsoAllowed);

        using var response = await _ci.PostAsync(Filled(path), content: null);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"id\":\"forbidden\"");
        NothingIsChanged();
        await AllowAsync(Reset, Rotate, "keyturn:account:reveal");
        using var allowed = await _ci.PostAsync(Filled(path), content: null);
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Upstash_DatabaseOfTheAdminLogin_NeedsBoth()
    {
        var path = Filled("/v2/redis/reset-password/REDIS");

        using var refused = await _withKey.PostAsync(path, content: null);
        NothingIsChanged();
        await AllowAsync(Reset, Rotate, "keyturn:account:reveal");
        using var allowed = await _withKey.PostAsync(path, content: null);

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("gaussdbformysql:user:updatePassWord", "PUT", "/v3/PROJECT/instances/MARIADBin07/db-users/password", $$"""{"users":[{"name":"app","host":"%","password":"{{Given}}"},{"name":"admin","host":"%","password":"{{Given}}"}]}""")]
    [InlineData("ddm:instance:updateUser", "POST", "/v3/PROJECT/instances/MYSQLin09/users/admin/password", $$"""{"password":"{{Given}}"}""")]
    [InlineData("ddm:instance:updateUser", "POST", "/v2/PROJECT/instances/MYSQLin09/users/admin/password", $$"""{"password":"{{Given}}"}""")]
    [InlineData("ddm:instance:updateUser", "PUT", "/v3/PROJECT/instances/MYSQLin09/admin-user", $$"""{"name":"admin","password":"{{Given}}"}""")]
    [InlineData("dds:instance:resetPasswd", "PUT", "/v3/PROJECT/instances/MONGODBin02/reset-password", $$"""{"user_name":"admin","user_pwd":"{{Given}}"}""")]
    [InlineData(Reset, "POST", "/v3/PROJECT/instances/MARIADBin07/password", $$"""{"password":"{{Given}}"}""", "mariadb")]
    [InlineData("gaussdbformysql:user:updatePassWord", "POST", "/v3/PROJECT/instances/MARIADBin07/password", $$"""{"password":"{{Given}}"}""", "mariadb")]
    [InlineData(Reset, "PUT", "/v3/PROJECT/instances/MYSQLin09/admin-user", $$"""{"name":"admin","password":"{{Given}}"}""", "mysql")]
    [InlineData("ddm:instance:updateUser", "POST", "/v3/PROJECT/instances/MYSQLin09/users/admin/password", $$"""{"password":"{{Given}}"}""", "mysql")]
    [InlineData(Reset, "PUT", "/v3/PROJECT/instances/MONGODBin02/reset-password", $$"""{"user_pwd":"{{Given}}"}""", "mongodb")]
    public async Task Huawei_ActionThatIsNotTheAdministrators_IsForbidden(string action, string method, string path, string body, string? mainAccountOf = null)
    {
        await AllowAsync(action);
        await SetMainAccountAsync(mainAccountOf);

        using var response = await _signedIn.SendAsync(_server.Request(new HttpMethod(method), Filled(path), body));

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"DBS.2800");
        NothingIsChanged();
    }

    [Theory]
    [InlineData("gaussdbformysql:instance:modifyPassword", "POST", "/v3/PROJECT/instances/MARIADBin07/password", $$"""{"password":"{{Given}}"}""", "mariadb")]
    [InlineData("ddm:instance:updateUser", "PUT", "/v3/PROJECT/instances/MYSQLin09/admin-user", $$"""{"name":"admin","password":"{{Given}}"}""", "mysql")]
    [InlineData("dds:instance:resetPasswd", "PUT", "/v3/PROJECT/instances/MONGODBin02/reset-password", $$"""{"user_pwd":"{{Given}}"}""", "mongodb")]
    public async Task Huawei_AdministratorsOwnAction_RegisteredAsTheMainAccount_IsDone(string action, string method, string path, string body, string mainAccountOf)
    {
        await AllowAsync(action);
        await SetMainAccountAsync(mainAccountOf);

        using var response = await _signedIn.SendAsync(_server.Request(new HttpMethod(method), Filled(path), body));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        _server.Engines.Single(engine => engine.Name == mainAccountOf).Passwords["admin"].ShouldBe(Given);
    }

    [Fact]
    public async Task Huawei_DenyOfRotatingIt_HoldsAtTheAdministratorsRouteToo()
    {
        await SetMainAccountAsync("mariadb");
        const string Denying = $$"""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["gaussdbformysql:*:*"]},{"Effect":"Deny","Action":["{{Rotate}}"]}]}""";
        await _server.SendAsync(HttpMethod.Patch, "/api/v1/policies/p", $$"""{"document":{{Denying}}}""");

        using var response = await _signedIn.SendAsync(_server.Request(HttpMethod.Post, Filled("/v3/PROJECT/instances/MARIADBin07/password"), $$"""{"password":"{{Given}}"}"""));

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        NothingIsChanged();
    }

    private static string Document(params string[] actions) =>
        $$"""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":[{{string.Join(',', actions.Select(action => $"\"{action}\""))}}]}]}""";

    private async Task AllowAsync(params string[] actions) =>
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/policies/p", $$"""{"document":{{Document(actions)}}}""")).Status.ShouldBe(HttpStatusCode.OK);

    private async Task SetMainAccountAsync(string? instance)
    {
        if (instance is not null)
        {
            (await _server.SendAsync(HttpMethod.Patch, $"/api/v1/instances/{instance}", """{"main_account":"admin"}""")).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    private async Task<Secret> IssueAsync(string kind) =>
        new((await _server.PostAsync("/api/v1/principals/ci/credentials", $$"""{"kind":"{{kind}}"}""")).Body["secret"]!.GetValue<string>());

    /// <summary>The path with the ids that the door knows: Huawei's have no hyphens.</summary>
    private string Filled(string path)
    {
        foreach (var (engine, id) in _ids)
        {
            var upper = engine.ToUpperInvariant();
            path = path.Replace($"{upper}in", $"{Guid.Parse(id):N}in", StringComparison.Ordinal).Replace(upper, id, StringComparison.Ordinal);
        }

        return path.Replace("PROJECT", _project, StringComparison.Ordinal);
    }

    private void NothingIsChanged()
    {
        foreach (var engine in _server.Engines)
        {
            engine.Passwords["admin"].ShouldBe(Before);
        }
    }
}
