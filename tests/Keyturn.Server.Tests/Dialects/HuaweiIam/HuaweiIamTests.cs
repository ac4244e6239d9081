using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Passwords;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>IAM's other paths, on the whole server.</summary>
public sealed class HuaweiIamTests(IamServer iam) : IClassFixture<IamServer>
{
    private readonly RunningServer _server = iam.Running;
    private readonly Project _project = iam.Project;
    private readonly Principal _user = iam.User;

    private string ProjectId => _project.Id.ToString("N");

    private IPrincipalStore Principals => iam.Principals;

    [Fact]
    public async Task Tokens_ShownAndRevoked_AreTheAccountsOwn()
    {
        var (own, other) = (await iam.TokenAsync("null"), await iam.TokenAsync("null", user: "user B", domain: "project-of-stranger"));

        using var request = _server.Request(HttpMethod.Head, "/v3/auth/tokens");
        request.Headers.Add("X-Auth-Token", own);
        request.Headers.Add("X-Subject-Token", own);
        using var head = await _server.Anonymous.SendAsync(request);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await head.Content.ReadAsStringAsync()).ShouldBe("");
        var (status, text) = await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: own);
        status.ShouldBe(200);
        JsonNode.Parse(text)!["token"]!["user"]!["name"]!.GetValue<string>().ShouldBe("user A");

        const string unknown = """{"error":{"code":404,"message":"X-Subject-Token is invalid in the request","title":"Not Found"}}""";
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: other)).ShouldBe((404, unknown));
        (await iam.SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: other)).ShouldBe((404, unknown));
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens", own)).ShouldBe((404, unknown));
        (await iam.SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: own)).ShouldBe((204, ""));
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: own)).Status.ShouldBe(401);
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens", other, subject: other)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Tokens_ColleaguesWithoutTheRight_CannotBeRevoked()
    {
        var colleague = iam.Token;
        await iam.AddUserAsync("junior", _project.Id, scopes: Scopes.TryParse(["keyturn:account:reset"])!);
        var own = await iam.TokenAsync("null", user: "junior");

        (await iam.SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: colleague)).Status.ShouldBe(403);
        (await _server.RefusalsAsync()).ShouldContain(": session.end: The session is user A's. The credential's scopes leave keyturn:principal:manage out.");
        (await iam.SendAsync(HttpMethod.Delete, "/v3/auth/tokens", colleague, subject: own)).Status.ShouldBe(204);
    }

    /// <summary>The routes are open to every caller, and what they do with a colleague's token is decided like elsewhere.</summary>
    [Theory]
    [InlineData("DELETE", "session.end", "keyturn:principal:manage", "owner", 204)]
    [InlineData("GET", "session.read", "keyturn:principal:read", "owner", 200)]
    [InlineData("HEAD", "session.read", "keyturn:principal:read", "reader", 200)]
    public async Task Tokens_OfColleagues_AreDecidedByThePolicies(string method, string entry, string action, string holder, int status)
    {
        var name = $"{holder}-{method}";
        var user = new Principal(Guid.NewGuid(), _project.Id, name, TimeProvider.System.GetUtcNow()) { IsOwner = holder == "owner" };
        (await Principals.AddAsync(user, audit: null, default)).ShouldBeTrue();
        await iam.SetPasswordAsync(user);
        var own = await iam.TokenAsync("null", user: name);
        var colleagues = await iam.TokenAsync("null");
        await AttachAsync($"{name}-may", $$"""{"Effect":"Allow","Action":["{{action}}"]}""", name);
        await AttachAsync($"{name}-denied", $$"""{"Sid":"NotOthers","Effect":"Deny","Action":["{{action}}"]}""", name);

        (await iam.SendAsync(new HttpMethod(method), "/v3/auth/tokens", own, subject: colleagues)).Status.ShouldBe(403);
        (await _server.RefusalsAsync()).ShouldContain($": {entry}: The session is user A's. Statement NotOthers of the policy {name}-denied denies it.");
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/tokens", own, subject: own)).Status.ShouldBe(200, "one's own is no matter of policies");

        (await _server.SendAsync(HttpMethod.Delete, $"/api/v1/policies/{name}-denied", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await iam.SendAsync(new HttpMethod(method), "/v3/auth/tokens", own, subject: colleagues)).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Tokens_OfColleagues_AreEndedByOwnersOnly()
    {
        var user = new Principal(Guid.NewGuid(), _project.Id, "manager", TimeProvider.System.GetUtcNow());
        (await Principals.AddAsync(user, audit: null, default)).ShouldBeTrue();
        await iam.SetPasswordAsync(user);
        var (own, colleagues) = (await iam.TokenAsync("null", user: "manager"), await iam.TokenAsync("null"));
        await AttachAsync("manager", """{"Effect":"Allow","Action":["keyturn:principal:*"]}""", "manager");

        (await iam.SendAsync(HttpMethod.Delete, "/v3/auth/tokens", own, subject: colleagues)).Status.ShouldBe(403);
        (await _server.RefusalsAsync()).ShouldContain(": session.end: The session is user A's. Only an owner ends another's.");
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

        var (status, text) = await iam.SendAsync(HttpMethod.Get, iam.Filled(target), iam.Token);

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

        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/domains", token)).ShouldBe((200, $$"""{"domains":[{{listed}}],"links":{{links}}}"""));
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/domains?name=project-of-operator", token)).ShouldBe((200, $$"""{"domains":[{{listed}}],"links":{{links}}}"""));
        (await iam.SendAsync(HttpMethod.Get, "/v3/auth/domains?name=another", token)).ShouldBe((200, $$"""{"domains":[],"links":{{links}}}"""));
    }

    [Fact]
    public async Task ProjectAndDomain_ById_AreWhereTheirLinksSay()
    {
        var (_, projects) = await iam.SendAsync(HttpMethod.Get, "/v3/projects", iam.Token);
        var (_, domains) = await iam.SendAsync(HttpMethod.Get, "/v3/auth/domains", iam.Token);
        var (project, domain) = (JsonNode.Parse(projects)!["projects"]![0]!, JsonNode.Parse(domains)!["domains"]![0]!);

        (await iam.SendAsync(HttpMethod.Get, Path(project), iam.Token)).ShouldBe((200, $$"""{"project":{{project.ToJsonString()}}}"""));
        (await iam.SendAsync(HttpMethod.Get, Path(domain), iam.Token)).ShouldBe((200, $$"""{"domain":{{domain.ToJsonString()}}}"""));

        static string Path(JsonNode listed) => new Uri(listed["links"]!["self"]!.GetValue<string>()).AbsolutePath;
    }

    [Theory]
    [InlineData("/v3/projects/DOMAIN")]
    [InlineData("/v3/projects/eu-de")]
    [InlineData("/v3/projects/STRANGER")]
    [InlineData("/v3/domains/PROJECT")]
    [InlineData("/v3/domains/project-of-operator")]
    public async Task ProjectAndDomain_OfAnotherIdOrAName_AreNotFound(string target) =>
        (await iam.SendAsync(HttpMethod.Get, iam.Filled(target.Replace("STRANGER", iam.Stranger.ProjectId.ToString("N"), StringComparison.Ordinal)), iam.Token))
            .ShouldBe((404, """{"error":{"code":404,"message":"The resource could not be found.","title":"Not Found"}}"""));

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
        using var signedIn = await iam.SignInAsync("null");
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
        response.Headers.WwwAuthenticate.Count.ShouldBe(status == 401 ? 1 : 0);
        (await response.Content.ReadAsStringAsync()).ShouldBe($$$"""{"error":{"code":{{{status}}},"message":"{{{message}}}","title":"{{{title}}}"}}""");
    }

    [Fact]
    public async Task UnknownMethod_WithCredentials_IsNotAllowed() =>
        (await iam.SendAsync(HttpMethod.Put, "/v3/auth/tokens", iam.Token))
            .ShouldBe((405, """{"error":{"code":405,"message":"The method is not allowed for the requested URL.","title":"Method Not Allowed"}}"""));

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

    private async Task AttachAsync(string policy, string statement, string principal)
    {
        (await _server.PostAsync("/api/v1/policies", $$$"""{"name":"{{{policy}}}","document":{"Version":"5.0","Statement":[{{{statement}}}]}}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await _server.SendAsync(HttpMethod.Put, $"/api/v1/policies/{policy}/principals/{principal}", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
    }
}
