using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>The whole server, and a user with a password in either project. Verifying a password is slow on purpose: the tests share one.</summary>
public sealed class IamServer : IAsyncLifetime
{
    public const string Password = "S1gn-in-here";
    private static readonly byte[] Hash = new SignInPasswords().Hash(new Secret(Password));

    internal RunningServer Running { get; private set; } = null!;

    internal Project Project { get; private set; } = null!;

    internal Principal User { get; private set; } = null!;

    internal Principal Stranger { get; private set; } = null!;

    /// <summary>A token of <see cref="User"/> for the whole account.</summary>
    internal string Token { get; private set; } = null!;

    /// <summary>As the server shows it.</summary>
    internal string DomainId { get; private set; } = null!;

    internal IPrincipalStore Principals => Running.Store.Principals;

    public async ValueTask InitializeAsync()
    {
        Running = await RunningServer.StartAsync();
        Project = (await Principals.FindProjectAsync("project-of-operator", default))! with { Region = "eu-de" };
        var entry = new AuditEntry { Caller = Caller.Keyturn(Project.Id), Action = "project.change", Outcome = "done" };
        (await Principals.ChangeProjectAsync(Project, entry, default)).ShouldBeTrue();
        User = await AddUserAsync("user A", Project.Id);
        Stranger = await AddUserAsync("user B", (await Principals.FindProjectAsync("project-of-stranger", default))!.Id);

        var body = """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"USER","password":"PASSWORD"}}}}}"""
            .Replace("USER", User.Id.ToString("N"), StringComparison.Ordinal).Replace("PASSWORD", Password, StringComparison.Ordinal);
        using var response = await Running.Anonymous.PostAsync("/v3/auth/tokens", new StringContent(body));
        Token = response.Headers.GetValues("X-Subject-Token").Single();
        DomainId = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!["domain"]!["id"]!.GetValue<string>();
    }

    public ValueTask DisposeAsync() => Running.DisposeAsync();

    internal async Task<Principal> AddUserAsync(string name, Guid projectId, DateTimeOffset? expiresAt = null, Scopes? scopes = null)
    {
        var user = new Principal(Guid.NewGuid(), projectId, name, TimeProvider.System.GetUtcNow());
        (await Principals.AddAsync(user, audit: null, default)).ShouldBeTrue();
        await SetPasswordAsync(user, expiresAt, scopes);
        return user;
    }

    internal async Task SetPasswordAsync(Principal user, DateTimeOffset? expiresAt = null, Scopes? scopes = null) => await Principals.AddCredentialAsync(
        new PrincipalCredential(Guid.NewGuid(), user.Id, CredentialKind.Password, "test", TimeProvider.System.GetUtcNow()) { ExpiresAt = expiresAt, Scopes = scopes ?? Scopes.All },
        new CredentialMaterial(Hash),
        audit: null,
        default);
}

/// <summary>IAM's own paths, on the whole server.</summary>
public sealed class HuaweiIamTests(IamServer iam) : IClassFixture<IamServer>
{
    private const string Wrong = """{"error":{"code":401,"message":"Unauthorized.","title":"Unauthorized"}}""";
    private const string Malformed = """{"error":{"code":400,"message":"The request body is invalid","title":"Bad Request"}}""";

    private readonly RunningServer _server = iam.Running;
    private readonly Project _project = iam.Project;
    private readonly Principal _user = iam.User;
    private readonly Principal _stranger = iam.Stranger;

    private string ProjectId => _project.Id.ToString("N");

    private IPrincipalStore Principals => iam.Principals;

    [Fact]
    public async Task SignIn_ProjectScope_AnswersLikeKeystone()
    {
        using var response = await SignInAsync("""{"project":{"name":"eu-de"}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        response.Headers.GetValues("X-Subject-Token").Single().ShouldMatch("^kts_[A-Za-z0-9_-]{43}$");
        Guid.TryParseExact(response.Headers.GetValues("X-Request-Id").Single(), "N", out _).ShouldBeTrue();
        var text = await response.Content.ReadAsStringAsync();
        var token = JsonNode.Parse(text)!["token"]!;
        var (issued, expires) = (token["issued_at"]!.GetValue<string>(), token["expires_at"]!.GetValue<string>());
        (DateTimeOffset.Parse(expires) - DateTimeOffset.Parse(issued)).ShouldBe(TimeSpan.FromHours(24));
        issued.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$");
        var domain = $$"""{"id":"{{iam.DomainId}}","name":"project-of-operator"}""";
        text.ShouldBe(
            $$"""
            {"token":{"methods":["password"],"issued_at":"{{issued}}","expires_at":"{{expires}}",
            "user":{"id":"{{_user.Id:N}}","name":"user A","domain":{{domain}},"password_expires_at":""},
            "project":{"id":"{{ProjectId}}","name":"eu-de","domain":{{domain}}},
            "roles":[{"id":"0","name":"te_admin"}],
            "catalog":{{token["catalog"]!.ToJsonString()}}
            }
            }
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task SignIn_Catalog_HasEveryAddressThatClientsLookFor()
    {
        using var response = await SignInAsync("""{"project":{"name":"eu-de"}}""");

        var catalog = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!["catalog"]!.AsArray();

        var origin = _server.Address.GetLeftPart(UriPartial.Authority);
        catalog.ToDictionary(entry => entry!["type"]!.GetValue<string>(), entry => entry!["endpoints"]![0]!["url"]!.GetValue<string>()).ShouldBe(new Dictionary<string, string>
        {
            ["gaussdb-mysql"] = $"{origin}/mysql/v3/{ProjectId}",
            ["volumev2"] = $"{origin}/v2/{ProjectId}",
            ["gaussdb"] = $"{origin}/v3/{ProjectId}",
            ["gaussdbv3"] = $"{origin}/v3/{ProjectId}",
            ["ddmv1"] = $"{origin}/v1/{ProjectId}",
            ["ddmv2"] = $"{origin}/v2/{ProjectId}",
            ["ddmv3"] = $"{origin}/v3/{ProjectId}",
            ["ddsv3"] = $"{origin}/v3/{ProjectId}",
            ["identity"] = $"{origin}/v3",
            ["iam"] = $"{origin}/v3",
        });
        foreach (var entry in catalog)
        {
            var endpoint = entry!["endpoints"]!.AsArray().ShouldHaveSingleItem()!.AsObject();
            endpoint.Select(member => member.Key).ShouldBe(["id", "interface", "region", "region_id", "url"]);
            endpoint["interface"]!.GetValue<string>().ShouldBe("public");
            endpoint["region"]!.GetValue<string>().ShouldBe("eu-de");
            endpoint["region_id"]!.GetValue<string>().ShouldBe("eu-de");
        }
    }

    [Theory]
    [InlineData("null", "domain")]
    [InlineData("{}", "domain")]
    [InlineData("""{"unscoped":{}}""", "domain")]
    [InlineData("""{"domain":{"name":"project-of-operator"}}""", "domain")]
    [InlineData("""{"domain":{"id":"DOMAIN"}}""", "domain")]
    [InlineData("""{"project":{"id":"PROJECT"}}""", "project")]
    [InlineData("""{"project":{"id":"PROJECT","name":"eu-de"}}""", "project")]
    [InlineData("""{"project":{"name":"project-of-operator"}}""", "project")]
    [InlineData("""{"project":{"name":"eu-de","domain":{"name":"project-of-operator"}}}""", "project")]
    [InlineData("""{"project":{"name":"eu-de","domain":{"id":"DOMAIN"}}}""", "project")]
    [InlineData("""{"project":{"name":"eu-de"},"domain":{"name":"project-of-operator"}}""", "project")]
    public async Task SignIn_Scope_IsInTheToken(string scope, string member)
    {
        using var response = await SignInAsync(Filled(scope), query: "?nocatalog=true");

        var token = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!.AsObject();
        response.StatusCode.ShouldBe(HttpStatusCode.Created, token.ToJsonString());
        token.ContainsKey("project").ShouldBe(member == "project");
        token.ContainsKey("domain").ShouldBe(member == "domain");
        token.ContainsKey("catalog").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"id":"USER","password":"S1gn-in-here"}""")]
    [InlineData("""{"name":"user A","password":"S1gn-in-here","domain":{"id":"DOMAIN"}}""")]
    [InlineData("""{"name":"user A","password":"S1gn-in-here","domain":{"name":"project-of-operator"},"unknown":1}""")]
    public async Task SignIn_UserByNameOrId_IsThatUser(string user)
    {
        using var response = await PostAsync(Filled("""{"auth":{"identity":{"methods":["password"],"password":{"user":WHO}}}}""".Replace("WHO", user, StringComparison.Ordinal)));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!["user"]!["id"]!.GetValue<string>().ShouldBe(_user.Id.ToString("N"));
    }

    [Theory]
    [InlineData("""{"name":"user A","password":"wrong","domain":{"name":"project-of-operator"}}""", "null")]
    [InlineData("""{"name":"user A","password":"","domain":{"name":"project-of-operator"}}""", "null")]
    [InlineData("""{"name":"nobody","password":"S1gn-in-here","domain":{"name":"project-of-operator"}}""", "null")]
    [InlineData("""{"name":"operator","password":"S1gn-in-here","domain":{"name":"project-of-operator"}}""", "null")]
    [InlineData("""{"name":"user A","password":"S1gn-in-here","domain":{"name":"project-of-stranger"}}""", "null")]
    [InlineData("""{"name":"user A","password":"S1gn-in-here","domain":{"name":"nowhere"}}""", "null")]
    [InlineData("""{"name":"user A","password":"S1gn-in-here","domain":{"id":"PROJECT"}}""", "null")]
    [InlineData("""{"id":"PROJECT","password":"S1gn-in-here"}""", "null")]
    [InlineData("""{"id":"x","password":"S1gn-in-here"}""", "null")]
    [InlineData("""{"id":"USER","password":"S1gn-in-here"}""", """{"project":{"name":"us-east"}}""")]
    [InlineData("""{"id":"USER","password":"S1gn-in-here"}""", """{"project":{"name":"eu-de","domain":{"name":"project-of-stranger"}}}""")]
    [InlineData("""{"id":"USER","password":"S1gn-in-here"}""", """{"domain":{"name":"project-of-stranger"}}""")]
    public async Task SignIn_WrongInAnyWay_IsTheSameRefusalAndAudited(string user, string scope)
    {
        var before = await RefusalsAsync();
        using var response = await PostAsync(
            Filled("""{"auth":{"identity":{"methods":["password"],"password":{"user":WHO}},"scope":WHERE}}"""
                .Replace("WHO", user, StringComparison.Ordinal).Replace("WHERE", scope, StringComparison.Ordinal)));

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.Content.ReadAsStringAsync()).ShouldBe(Wrong);
        response.Headers.Contains("X-Subject-Token").ShouldBeFalse();
        (await RefusalsAsync()).ShouldBe(before + 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"auth":{}}""")]
    [InlineData("""{"auth":{"identity":{"methods":[]}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password"]}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":"password"}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["assume_role"],"assume_role":{}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password","totp"],"password":{"user":{"id":"x","password":"x"}}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"user A","password":"x"}}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"user A","password":1,"domain":{"name":"x"}}}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"user A","password":"x","domain":{}}}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"x","password":"x"}}},"scope":{"project":{}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"x","password":"x"}}},"scope":"eu-de"}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["token"],"token":{}}}}""")]
    public async Task SignIn_MalformedBody_IsABadRequestInKeystonesShape(string body)
    {
        using var response = await PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldBe(Malformed);
    }

    [Fact]
    public async Task SignIn_ExpiredPassword_IsRefused()
    {
        await iam.AddUserAsync("late", _project.Id, TimeProvider.System.GetUtcNow().AddSeconds(-1));

        using var response = await SignInAsync("null", user: "late");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SignIn_PasswordWithFewScopes_GivesASessionWithNoMore()
    {
        var user = await iam.AddUserAsync("resetter", _project.Id, scopes: Scopes.TryParse(["keyturn:account:reset"])!);

        using var response = await SignInAsync("""{"project":{"name":"eu-de"}}""", user: user.Name);

        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!["roles"]!.ToJsonString()
            .ShouldBe("""[{"id":"keyturn:account:reset","name":"keyturn:account:reset"}]""");
        (await Principals.ListCredentialsAsync(user.Id, default)).Single(credential => credential.Kind == CredentialKind.Session).Scopes.Names.ShouldBe(["keyturn:account:reset"]);
    }

    [Fact]
    public async Task SignIn_NewPassword_EndsTheSessionsOfTheOldOne()
    {
        var user = await iam.AddUserAsync("changing", _project.Id);
        var token = await TokenAsync("""{"project":{"name":"eu-de"}}""", user: user.Name);
        (await SendAsync(HttpMethod.Get, "/v3/auth/projects", token)).Status.ShouldBe(200);

        await iam.SetPasswordAsync(user);

        (await SendAsync(HttpMethod.Get, "/v3/auth/projects", token)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task SignIn_WithAToken_IsScopedAnewAndEndsWithTheFirst()
    {
        var first = iam.Token;
        var body = """{"auth":{"identity":{"methods":["token"],"token":{"id":"TOKEN"}},"scope":{"project":{"name":"eu-de"}}}}""";

        using var response = await PostAsync(body.Replace("TOKEN", first, StringComparison.Ordinal));
        using var forged = await PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var token = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!;
        token["methods"]!.ToJsonString().ShouldBe("""["token"]""");
        token["project"]!["id"]!.GetValue<string>().ShouldBe(ProjectId);
        var (_, described) = await SendAsync(HttpMethod.Get, "/v3/auth/tokens?nocatalog", first, subject: first);
        token["expires_at"]!.GetValue<string>().ShouldBe(JsonNode.Parse(described)!["token"]!["expires_at"]!.GetValue<string>());
        forged.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await forged.Content.ReadAsStringAsync()).ShouldBe(Wrong);
    }

    [Fact]
    public async Task Tokens_ShownAndRevoked_AreTheAccountsOwn()
    {
        var (own, other) = (await TokenAsync("null"), await TokenAsync("null", user: "user B", domain: "project-of-stranger"));

        using var request = _server.Request(HttpMethod.Head, "/v3/auth/tokens");
        request.Headers.Add("X-Auth-Token", own);
        request.Headers.Add("X-Subject-Token", own);
        using var head = await _server.Anonymous.SendAsync(request);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await head.Content.ReadAsStringAsync()).ShouldBe("");
        var (status, text) = await SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: own);
        status.ShouldBe(200);
        JsonNode.Parse(text)!["token"]!["user"]!["name"]!.GetValue<string>().ShouldBe("user A");

        const string unknown = """{"error":{"code":404,"message":"X-Subject-Token is invalid in the request","title":"Not Found"}}""";
        (await SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: other)).ShouldBe((404, unknown));
        (await SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: other)).ShouldBe((404, unknown));
        (await SendAsync(HttpMethod.Get, "/v3/auth/tokens", own)).ShouldBe((404, unknown));
        (await SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: own)).ShouldBe((204, ""));
        (await SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: own)).Status.ShouldBe(401);
        (await SendAsync(HttpMethod.Get, "/v3/auth/tokens", other, subject: other)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Tokens_ColleaguesWithoutTheRight_CannotBeRevoked()
    {
        var colleague = iam.Token;
        await iam.AddUserAsync("junior", _project.Id, scopes: Scopes.TryParse(["keyturn:account:reset"])!);
        var own = await TokenAsync("null", user: "junior");

        (await SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: colleague)).Status.ShouldBe(403);
        (await SendAsync(HttpMethod.Delete, "/v3/auth/tokens", colleague, subject: own)).Status.ShouldBe(204);
    }

    [Theory]
    [InlineData("/v3/projects", 1)]
    [InlineData("/v3/projects?name=eu-de", 1)]
    [InlineData("/v3/projects?name=project-of-operator", 1)]
    [InlineData("/v3/projects?name=eu-de&domain_id=DOMAIN", 1)]
    [InlineData("/v3/projects?name=us-east", 0)]
    [InlineData("/v3/projects?domain_id=x", 0)]
    [InlineData("/v3/auth/projects", 1)]
    public async Task Projects_Listed_AreLikeKeystones(string target, int count)
    {
        iam.DomainId.ShouldMatch("^[0-9a-f]{32}$");
        iam.DomainId.ShouldNotBe(ProjectId);

        var (status, text) = await SendAsync(HttpMethod.Get, Filled(target), iam.Token);

        status.ShouldBe(200);
        var origin = _server.Address.GetLeftPart(UriPartial.Authority);
        var project = $$"""
            {"id":"{{ProjectId}}","name":"eu-de","domain_id":"{{iam.DomainId}}","parent_id":"{{iam.DomainId}}","is_domain":false,"enabled":true,
            "description":"","links":{"self":"{{origin}}/v3/projects/{{ProjectId}}"}
            }
            """.ReplaceLineEndings("");
        text.ShouldBe($$"""{"links":{"self":"{{origin}}{{target.Split('?')[0]}}","previous":null,"next":null},"projects":[{{(count == 1 ? project : "")}}]}""");
    }

    [Fact]
    public async Task Domains_Listed_AreLikeKeystones()
    {
        var (origin, domain, token) = (_server.Address.GetLeftPart(UriPartial.Authority), iam.DomainId, iam.Token);
        var links = $$"""{"self":"{{origin}}/v3/auth/domains","previous":null,"next":null}""";
        var listed = $$$"""{"id":"{{{domain}}}","name":"project-of-operator","enabled":true,"description":"","links":{"self":"{{{origin}}}/v3/domains/{{{domain}}}"}}""";

        (await SendAsync(HttpMethod.Get, "/v3/auth/domains", token)).ShouldBe((200, $$"""{"domains":[{{listed}}],"links":{{links}}}"""));
        (await SendAsync(HttpMethod.Get, "/v3/auth/domains?name=project-of-operator", token)).ShouldBe((200, $$"""{"domains":[{{listed}}],"links":{{links}}}"""));
        (await SendAsync(HttpMethod.Get, "/v3/auth/domains?name=another", token)).ShouldBe((200, $$"""{"domains":[],"links":{{links}}}"""));
    }

    [Fact]
    public async Task Catalog_ByAKeyPair_IsTheTokens()
    {
        await Principals.AddCredentialAsync(
            new PrincipalCredential(Guid.NewGuid(), _user.Id, CredentialKind.AccessKey, "test", TimeProvider.System.GetUtcNow()) { PublicId = "KTAKTEST" },
            new CredentialMaterial(default, new Secret("secret")),
            audit: null,
            default);
        var headers = new Dictionary<string, string>
        {
            ["Host"] = _server.Address.Authority,
            ["X-Sdk-Date"] = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'"),
        };
        using var request = _server.Request(HttpMethod.Get, "/v3/auth/catalog");
        request.Headers.TryAddWithoutValidation("Authorization", TestSigner.Credential("KTAKTEST", "secret", "GET", "/v3/auth/catalog/", "", headers));
        request.Headers.Add("X-Sdk-Date", headers["X-Sdk-Date"]);

        using var response = await _server.Anonymous.SendAsync(request);

        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.ToJsonString());
        using var signedIn = await SignInAsync("null");
        answer["catalog"]!.ToJsonString().ShouldBe(JsonNode.Parse(await signedIn.Content.ReadAsStringAsync())!["token"]!["catalog"]!.ToJsonString());
        answer["links"]!["self"]!.GetValue<string>().ShouldEndWith("/v3/auth/catalog");
    }

    [Theory]
    [InlineData("/v3")]
    [InlineData("/v3/")]
    public async Task Version_WithoutCredentials_IsDescribed(string path)
    {
        using var response = await _server.Anonymous.GetAsync(path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            $$$"""
            {"version":{"id":"v3.14","status":"stable","links":[{"rel":"self","href":"{{{_server.Address.GetLeftPart(UriPartial.Authority)}}}/v3/"}],
            "media-types":[{"base":"application/json","type":"application/vnd.openstack.identity-v3\u002Bjson"}]}}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task OwnAddress_ListsTheVersionsAtItsRootAndIsInTheCatalog()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Dialects = [new("iam", "http://127.0.0.2:0")] });
        var own = server.Addresses.Single(address => address.Host == "127.0.0.2").GetLeftPart(UriPartial.Authority);

        (await server.Anonymous.GetStringAsync(new Uri(own + "/"))).ShouldBe(
            $$$"""
            {"versions":{"values":[{"id":"v3.14","status":"stable","links":[{"rel":"self","href":"{{{own}}}/v3/"}],
            "media-types":[{"base":"application/json","type":"application/vnd.openstack.identity-v3\u002Bjson"}]}]}}
            """.ReplaceLineEndings(""));
        (await server.Anonymous.GetStringAsync("/v3")).ShouldContain($"{own}/v3/");
    }

    [Theory]
    [InlineData("GET", "/v3/auth/nowhere", 404, "The resource could not be found.", "Not Found")]
    [InlineData("PUT", "/v3/auth/tokens", 404, "The resource could not be found.", "Not Found")]
    [InlineData("GET", "/v3/projects", 401, "Incorrect IAM authentication information: Unauthorized", "Unauthorized")]
    public async Task AnyPath_WithoutCredentials_IsRefusedInKeystonesShape(string method, string path, int status, string message, string title)
    {
        using var response = await _server.Anonymous.SendAsync(_server.Request(new HttpMethod(method), path));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsStringAsync()).ShouldBe($$$"""{"error":{"code":{{{status}}},"message":"{{{message}}}","title":"{{{title}}}"}}""");
    }

    [Fact]
    public async Task Bearer_TokenOfTheNativeApi_OpensNothingHere()
    {
        using var response = await _server.Client.GetAsync("/v3/projects");
        using var native = _server.Request(HttpMethod.Get, "/api/v1/instances");
        native.Headers.Add("X-Auth-Token", iam.Token);
        using var other = await _server.Anonymous.SendAsync(native);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        other.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Audit_OfASignIn_HasNoSecret()
    {
        var token = await TokenAsync("null");
        using var refused = await PostAsync("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"Typ3d-here","password":"Typ3d","domain":{"name":"project-of-operator"}}}}}}""");

        var entries = (await AuditAsync(_project.Id)).Where(entry => entry.Action == "session.open").Take(2).ToList();

        entries.Select(entry => (entry.Outcome, entry.Caller.PrincipalName, entry.Detail)).ShouldBe([("refused", "nobody", "unknown user"), ("done", "user A", "password, domain")]);
        string.Join(' ', entries).ShouldNotContain("Typ3d");
        string.Join(' ', entries).ShouldNotContain(token);
    }

    private Task<HttpResponseMessage> SignInAsync(string scope, string query = "", string user = "user A", string domain = "project-of-operator") => PostAsync(
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"WHO","password":"PASSWORD","domain":{"name":"ACCOUNT"}}}},"scope":WHERE}}"""
            .Replace("WHO", user, StringComparison.Ordinal).Replace("PASSWORD", IamServer.Password, StringComparison.Ordinal)
            .Replace("ACCOUNT", domain, StringComparison.Ordinal).Replace("WHERE", scope, StringComparison.Ordinal),
        query);

    private async Task<string> TokenAsync(string scope, string user = "user A", string domain = "project-of-operator")
    {
        using var response = await SignInAsync(scope, user: user, domain: domain);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return response.Headers.GetValues("X-Subject-Token").Single();
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string query = "")
    {
        using var request = _server.Request(HttpMethod.Post, "/v3/auth/tokens" + query);
        request.Content = new StringContent(body, Encoding.UTF8);
        return await _server.Anonymous.SendAsync(request);
    }

    private async Task<(int Status, string Text)> SendAsync(HttpMethod method, string target, string token, string? subject = null)
    {
        using var request = _server.Request(method, target);
        request.Headers.Add("X-Auth-Token", token);
        if (subject is not null)
        {
            request.Headers.Add("X-Subject-Token", subject);
        }

        using var response = await _server.Anonymous.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private string Filled(string text) => text
        .Replace("DOMAIN", iam.DomainId, StringComparison.Ordinal)
        .Replace("PROJECT", ProjectId, StringComparison.Ordinal)
        .Replace("USER", _user.Id.ToString("N"), StringComparison.Ordinal);

    private async Task<int> RefusalsAsync() =>
        (await AuditAsync(_project.Id)).Concat(await AuditAsync(_stranger.ProjectId)).Concat(await AuditAsync(Guid.Empty))
            .Count(entry => entry is { Action: "session.open", Outcome: "refused" });

    private async Task<IEnumerable<AuditEntry>> AuditAsync(Guid projectId) => (await _server.Store.Audit.ListAsync(projectId, 1000, default)).Select(row => row.Entry);
}
