using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary><c>POST /v3/auth/tokens</c>, on the whole server.</summary>
public sealed class SignInTests(IamServer iam) : IClassFixture<IamServer>
{
    private const string Wrong = """{"error":{"code":401,"message":"Unauthorized.","title":"Unauthorized"}}""";
    private const string Malformed = """{"error":{"code":400,"message":"The request body is invalid","title":"Bad Request"}}""";

    private readonly RunningServer _server = iam.Running;
    private readonly Project _project = iam.Project;
    private readonly Principal _user = iam.User;

    private string ProjectId => _project.Id.ToString("N");

    private IPrincipalStore Principals => iam.Principals;

    [Fact]
    public async Task SignIn_ProjectScope_AnswersLikeKeystone()
    {
        using var response = await iam.SignInAsync("""{"project":{"name":"eu-de"}}""");

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
        using var response = await iam.SignInAsync("""{"project":{"name":"eu-de"}}""");

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
    [InlineData("\"unscoped\"", "domain")]
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
        using var response = await iam.SignInAsync(iam.Filled(scope), query: "?nocatalog=true");

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
        using var response = await iam.PostAsync(iam.Filled("""{"auth":{"identity":{"methods":["password"],"password":{"user":WHO}}}}""".Replace("WHO", user, StringComparison.Ordinal)));

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
        var before = await iam.RefusalsAsync();
        using var response = await iam.PostAsync(
            iam.Filled("""{"auth":{"identity":{"methods":["password"],"password":{"user":WHO}},"scope":WHERE}}"""
                .Replace("WHO", user, StringComparison.Ordinal).Replace("WHERE", scope, StringComparison.Ordinal)));

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.Content.ReadAsStringAsync()).ShouldBe(Wrong);
        response.Headers.Contains("X-Subject-Token").ShouldBeFalse();
        await Eventually.ShouldAsync(async () => await iam.RefusalsAsync() > before);
    }

    [Fact]
    public async Task SignIns_RefusedInAFlood_AreFewRows_AndAllAreCounted()
    {
        // By a session that there is not: a password takes its time.
        const int Count = 200;
        var (before, rows) = (await iam.RefusalsAsync(), (await iam.AuditAsync(Guid.Empty)).Count());
        for (var i = 0; i < Count; i++)
        {
            using var response = await iam.PostAsync("""{"auth":{"identity":{"methods":["token"],"token":{"id":"kts_of-nobody"}}}}""");
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        await Eventually.ShouldAsync(async () => await iam.RefusalsAsync() >= before + Count);
        ((await iam.AuditAsync(Guid.Empty)).Count() - rows).ShouldBeLessThan(Count / 4);
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
        using var response = await iam.PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldBe(Malformed);
    }

    [Fact]
    public async Task SignIn_ExpiredPassword_IsRefused()
    {
        await iam.AddUserAsync("late", _project.Id, TimeProvider.System.GetUtcNow().AddSeconds(-1));

        using var response = await iam.SignInAsync("null", user: "late");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SignIn_PasswordWithFewScopes_GivesASessionWithNoMore()
    {
        var user = await iam.AddUserAsync("resetter", _project.Id, scopes: Scopes.TryParse(["keyturn:account:reset"])!);

        using var response = await iam.SignInAsync("""{"project":{"name":"eu-de"}}""", user: user.Name);

        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!["roles"]!.ToJsonString()
            .ShouldBe("""[{"id":"keyturn:account:reset","name":"keyturn:account:reset"}]""");
        (await Principals.ListCredentialsAsync(user.Id, default)).Single(credential => credential.Kind == CredentialKind.Session).Scopes.Names.ShouldBe(["keyturn:account:reset"]);
    }

    [Fact]
    public async Task SignIn_NewPassword_EndsTheSessionsOfTheOldOne()
    {
        var user = await iam.AddUserAsync("changing", _project.Id);
        var token = await iam.TokenAsync("""{"project":{"name":"eu-de"}}""", user: user.Name);
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/projects", token)).Status.ShouldBe(200);

        await iam.SetPasswordAsync(user);

        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/projects", token)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task SignIn_PasswordReplacedWhileItIsVerified_GivesNoSession()
    {
        var user = await iam.AddUserAsync("replaced", _project.Id);
        var signingIn = Enumerable.Range(0, 4).Select(_ => iam.SignInAsync("null", user: user.Name)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);

        await iam.SetPasswordAsync(user, isAnother: true);

        foreach (var response in await Task.WhenAll(signingIn))
        {
            response.Dispose();
        }

        (await Principals.ListCredentialsAsync(user.Id, default)).ShouldNotContain(credential => credential.Kind == CredentialKind.Session);
    }

    [Fact]
    public async Task SignIn_PasswordThatEnds_GivesASessionThatEndsWithIt()
    {
        var end = TimeProvider.System.GetUtcNow().AddHours(1);
        var user = await iam.AddUserAsync("temporary", _project.Id, end);

        await iam.TokenAsync("null", user: user.Name);

        (await Principals.ListCredentialsAsync(user.Id, default)).Single(credential => credential.Kind == CredentialKind.Session).ExpiresAt!.Value
            .ShouldBe(end, tolerance: TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task SignIn_WithAToken_IsScopedAnewAndEndsWithTheFirst()
    {
        var first = iam.Token;
        var body = """{"auth":{"identity":{"methods":["token"],"token":{"id":"TOKEN"}},"scope":{"project":{"name":"eu-de"}}}}""";

        using var response = await iam.PostAsync(body.Replace("TOKEN", first, StringComparison.Ordinal));
        using var forged = await iam.PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var token = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!;
        token["methods"]!.ToJsonString().ShouldBe("""["token"]""");
        token["project"]!["id"]!.GetValue<string>().ShouldBe(ProjectId);
        var (_, described) = await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens?nocatalog", first, subject: first);
        token["expires_at"]!.GetValue<string>().ShouldBe(JsonNode.Parse(described)!["token"]!["expires_at"]!.GetValue<string>());
        forged.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await forged.Content.ReadAsStringAsync()).ShouldBe(Wrong);
    }

    [Fact]
    public async Task Audit_OfASignIn_HasNoSecret()
    {
        var token = await iam.TokenAsync("null");
        using var refused = await iam.PostAsync("""{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"Typ3d-here","password":"Typ3d","domain":{"name":"project-of-operator"}}}}}}""");

        // Rows that count what other tests were refused come by themselves.
        var entries = (await iam.AuditAsync(_project.Id)).Where(entry => entry.Action == "session.open" && entry.Detail?.Contains("more within a second") != true).Take(2).ToList();

        entries.Select(entry => (entry.Outcome, entry.Caller.PrincipalName, entry.Detail)).ShouldBe([("refused", "nobody", "iam: unknown user"), ("done", "user A", "password, domain")]);
        string.Join(' ', entries).ShouldNotContain("Typ3d");
        string.Join(' ', entries).ShouldNotContain(token);
    }
}
