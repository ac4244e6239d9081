using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Tests.Dialects.Ddm;

namespace Keyturn.Server.Tests.Access;

/// <summary>Policies through the doors: who may do what, and what the others are told.</summary>
public sealed class PolicyEndpointTests : IAsyncLifetime
{
    private const string OnShopOnly = """{"Version":"5.0","Statement":[{"Sid":"Shop","Effect":"Allow","Action":["keyturn:*:*"],"Resource":["keyturn:*:*:instance:shop"]}]}""";

    private RunningServer _server = null!;
    private string _shop = null!;
    private string _vault = null!;
    private HttpClient _ci = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _shop = await _server.RegisterAsync("postgresql", "shop", ""","tags":{"stage":"test"}""");
        _vault = await _server.RegisterAsync("mysql", "vault");
        _server.Postgres.Passwords["app"] = "before";
        await _server.PostAsync("/api/v1/instances/shop/accounts/app/adopt", """{"password":"before"}""");
        _ci = await AddPrincipalAsync("ci");
    }

    public ValueTask DisposeAsync()
    {
        _ci.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task WithoutPolicies_NothingIsAllowed_AndTheAuditLogSaysWhy()
    {
        using var response = await _ci.GetAsync("/api/v1/instances");

        (await response.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain("keyturn access explain");
        var entry = (await _server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!;
        (entry["principal"]!.GetValue<string>(), entry["action"]!.GetValue<string>(), entry["detail"]!.GetValue<string>())
            .ShouldBe(("ci", "access", "keyturn:instance:read: No policy of the principal allows keyturn:instance:read."));
    }

    [Fact]
    public async Task Policy_OnOneInstance_ShowsThatOneOnly()
    {
        await AttachAsync("shop", OnShopOnly, "principals/ci");

        JsonNode.Parse(await _ci.GetStringAsync("/api/v1/instances"))!["instances"]!.AsArray().Select(instance => instance!["name"]!.GetValue<string>()).ShouldBe(["shop"]);
        (await _ci.PostAsync("/api/v1/instances/shop/accounts/app/reset", content: null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _ci.GetAsync("/api/v1/audit")).StatusCode.ShouldBe(HttpStatusCode.Forbidden, "the project's own things are no instance");
    }

    [Fact]
    public async Task ReadableInstance_OtherAction_IsForbiddenAndNothingIsChanged()
    {
        await AttachAsync("read", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:*:read"]}]}""", "principals/ci");

        using var response = await _ci.PostAsync("/api/v1/instances/shop/accounts/app/reset", content: null);
        using var digitalOcean = await _ci.PostAsync($"/v2/databases/{_shop}/users/app/reset_auth", content: null);
        using var history = await _ci.GetAsync("/api/v1/instances/shop/accounts/app/versions?reveal=true");

        await response.ProblemAsync("forbidden", 403);
        digitalOcean.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await history.ProblemAsync("forbidden", 403);
        _server.Postgres.Passwords["app"].ShouldBe("before");
        (await _ci.GetAsync("/api/v1/instances/shop/accounts/app/versions")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ByTag_ARegistrationThatChanges_IsDecidedAnew()
    {
        await AttachAsync("test", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:ResourceTag/stage":["test"]}}}]}""", "principals/ci");
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", """{"tags":{"stage":"live"}}""")).Status.ShouldBe(HttpStatusCode.OK);

        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    /// <summary>Like what there is not, which has a row too: it would be answered sooner else.</summary>
    [Fact]
    public async Task HiddenInstance_AndOneThatThereIsNot_HaveARowEach()
    {
        await AttachAsync("none", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:ResourceTag/stage":["none"]}}}]}""", "principals/ci");

        foreach (var instance in new[] { "shop", "nothing", _shop, Guid.NewGuid().ToString() })
        {
            (await _ci.GetAsync($"/api/v1/instances/{instance}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        var rows = (await _server.GetAsync("/api/v1/audit?action=access&outcome=refused")).Body["entries"]!.AsArray();
        rows.Select(row => (string?)row!["instance_id"]).ShouldBe([null, _shop, null, _shop]);
    }

    [Fact]
    public async Task Group_MembersHaveItsPolicies_AsLongAsTheyAreMembers()
    {
        (await _server.PostAsync("/api/v1/groups", """{"name":"dba"}""")).Status.ShouldBe(HttpStatusCode.Created);
        await AttachAsync("shop", OnShopOnly, "groups/dba");
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        (await _server.SendAsync(HttpMethod.Put, "/api/v1/groups/dba/members/ci", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _server.GetAsync("/api/v1/groups/dba")).Body["members"]!.AsArray().Single()!.GetValue<string>().ShouldBe("ci");

        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/groups/dba/members/ci", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/groups/dba/members/ci", body: null)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Change_Detach_Remove_AreInForceForTheNextRequest()
    {
        await AttachAsync("shop", OnShopOnly, "principals/ci");
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var denying = OnShopOnly.Replace("Allow", "Deny", StringComparison.Ordinal);
        (await _server.SendAsync(HttpMethod.Patch, "/api/v1/policies/shop", $$"""{"document":{{denying}}}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await _server.SendAsync(HttpMethod.Patch, "/api/v1/policies/shop", $$"""{"document":{{OnShopOnly}}}""");
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/policies/shop/principals/ci", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await _ci.GetAsync("/api/v1/instances/shop")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/policies/shop/principals/ci", body: null)).Status.ShouldBe(HttpStatusCode.NotFound);

        (await _server.SendAsync(HttpMethod.Delete, "/api/v1/policies/shop", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await _server.GetAsync("/api/v1/policies/shop")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Explain_NamesTheStatement_AndAnswersForADoor()
    {
        await AttachAsync("mixed", """
            {"Version":"5.0","Statement":[{"Sid":"AtDdm","Effect":"Allow","Action":["ddm:instance:updateUser"]},
             {"Effect":"Deny","Action":["*"],"Condition":{"NotIpAddress":{"g:SourceIp":["10.0.0.0/8"]}}}]}
            """, "principals/ci");

        var allowed = await ExplainAsync("""{"principal":"ci","action":"ddm:instance:updateUser","instance":"vault","source":"10.1.2.3"}""");
        var elsewhere = await ExplainAsync("""{"principal":"ci","action":"ddm:instance:updateUser","instance":"vault","source":"192.0.2.1"}""");
        var native = await ExplainAsync("""{"principal":"ci","action":"keyturn:account:reset","instance":"vault","source":"10.1.2.3"}""");

        (allowed["allowed"]!.GetValue<bool>(), allowed["statement"]!.GetValue<string>(), allowed["policy"]!.GetValue<string>()).ShouldBe((true, "AtDdm", "mixed"));
        (elsewhere["allowed"]!.GetValue<bool>(), elsewhere["statement"]!.GetValue<string>()).ShouldBe((false, "2"));
        (native["allowed"]!.GetValue<bool>(), native["statement"]).ShouldBe((false, null));
    }

    /// <summary>A provider's name that stands for several actions, and DigitalOcean's scopes, which do always.</summary>
    [Fact]
    public async Task Explain_NameOfSeveralActions_IsAnsweredForEach()
    {
        await AttachAsync("mixed", """
            {"Version":"5.0","Statement":[{"Sid":"AtDdm","Effect":"Allow","Action":["ddm:instance:updateUser","keyturn:account:reset"]},{"Sid":"NoChange","Effect":"Deny","Action":["keyturn:account:change"]}]}
            """, "principals/ci");

        (await MeaningsAsync("ddm:instance:updateUser")).ShouldBe(
            ["keyturn:account:reset as ddm:instance:updateUser: true by AtDdm", "keyturn:account:change as ddm:instance:updateUser: false by NoChange"]);
        (await MeaningsAsync("database:update")).ShouldBe(["keyturn:account:reset as database:update: true by AtDdm", "keyturn:account:change as database:update: false by NoChange"]);
        (await MeaningsAsync("keyturn:account:reset")).ShouldBe(["keyturn:account:reset as : true by AtDdm"]);

        async Task<IEnumerable<string>> MeaningsAsync(string action)
        {
            var answer = await ExplainAsync($$"""{"principal":"ci","action":"{{action}}","instance":"vault"}""");
            return new[] { answer }.Concat(answer["also"]?.AsArray().Select(other => other!) ?? [])
                .Select(each => $"{each["action"]} as {each["provider_action"]}: {each["allowed"]!.ToJsonString()} by {each["statement"]}");
        }
    }

    [Theory]
    [InlineData("ddm:instance:updateUser", "cache", "ddm has no instances of redis")]
    [InlineData("dds:instance:resetPasswd", "cache", "dds has no instances of redis")]
    [InlineData("dds:instance:resetPasswd", "vault", "dds has no instances of mysql")]
    [InlineData("gaussdb:user:modify", "shop", "gaussdbformysql has no instances of postgresql")]
    public async Task Explain_DoorThatDoesNotHaveTheInstance_SaysSo(string action, string instance, string reason)
    {
        await _server.RegisterAsync("redis", "cache");

        var answer = await ExplainAsync($$"""{"principal":"operator","action":"{{action}}","instance":"{{instance}}"}""");

        foreach (var each in new[] { answer }.Concat(answer["also"]?.AsArray().Select(other => other!) ?? []))
        {
            (each["allowed"]!.GetValue<bool>(), each["policy"]).ShouldBe((false, null));
            each["reason"]!.GetValue<string>().ShouldStartWith(reason);
        }
    }

    /// <summary>Who may read policies may not read all instances by that; the name and the id are told of like what there is not.</summary>
    [Fact]
    public async Task Explain_InstanceThatTheCallerMayNotRead_IsNone()
    {
        await AttachAsync("reader", """
            {"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:policy:read"]},{"Effect":"Allow","Action":["keyturn:instance:read"],"Resource":["keyturn:*:*:instance:shop"]}]}
            """, "principals/ci");

        (await AskAsync(_ci, "shop")).ShouldBe(HttpStatusCode.OK);
        foreach (var instance in new[] { "vault", _vault, "none" })
        {
            (await AskAsync(_ci, instance)).ShouldBe(HttpStatusCode.NotFound);
        }

        (await _server.RefusalsAsync()).ShouldContain(refusal => refusal.StartsWith(": keyturn:instance:read:", StringComparison.Ordinal));
        using var narrow = await _server.ClientAsync("keyturn:policy:read");
        (await AskAsync(narrow, "shop")).ShouldBe(HttpStatusCode.NotFound, "the scopes leave instances out");

        async Task<HttpStatusCode> AskAsync(HttpClient client, string instance)
        {
            using var answer = await client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/access/explain", $$"""{"principal":"ci","action":"keyturn:account:reset","instance":"{{instance}}"}"""));
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("""{"principal":"ci","action":"keyturn:account:rest","instance":"shop"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"principal":"ci","action":"keyturn:account:reset"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"principal":"nobody","action":"keyturn:audit:read"}""", HttpStatusCode.NotFound)]
    [InlineData("""{"principal":"ci","action":"keyturn:account:reset","instance":"none"}""", HttpStatusCode.NotFound)]
    public async Task Explain_WrongQuestion_IsRefused(string body, HttpStatusCode status) => (await _server.PostAsync("/api/v1/access/explain", body)).Status.ShouldBe(status);

    [Theory]
    [InlineData("""{"name":"p"}""")]
    [InlineData("""{"name":"two words","document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"]}]}}""")]
    [InlineData("""{"name":"p","document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["reset"]}]}}""")]
    public async Task AddPolicy_Wrong_IsRefusedWithEveryFault(string body)
    {
        var (status, problem) = await _server.PostAsync("/api/v1/policies", body);

        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        problem["violations"]!.AsArray().ShouldNotBeEmpty();
        (await _server.GetAsync("/api/v1/policies")).Body["policies"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task AddPolicy_ActionThatNothingIsCalled_IsRemarked()
    {
        var (status, added) = await _server.PostAsync("/api/v1/policies", """{"name":"typo","document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:account:rest"]}]}}""");

        status.ShouldBe(HttpStatusCode.Created);
        added["remarks"]!.AsArray().Single()!.GetValue<string>().ShouldBe("Nothing here is called keyturn:account:rest.");
        (await _server.PostAsync("/api/v1/policies", """{"name":"typo","document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"]}]}}""")).Status.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task AddPolicy_KeyThatNoRequestHas_IsRemarked()
    {
        var (status, added) = await _server.PostAsync(
            "/api/v1/policies", """{"name":"mfa","document":{"Version":"1.1","Statement":[{"Effect":"Deny","Action":["*"],"Condition":{"NumberGreaterThan":{"g:MFAAge":["900"]}}}]}}""");

        status.ShouldBe(HttpStatusCode.Created);
        added["remarks"]!.AsArray().Single()!.GetValue<string>().ShouldStartWith("No request has a value called g:MFAAge:");
    }

    [Fact]
    public async Task WhoManagesPrincipals_DoesNotBecomeAnOwnerByIt()
    {
        await AttachAsync("people", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:principal:*"]}]}""", "principals/ci");

        using var owner = await _ci.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals", """{"name":"second","owner":true}"""));
        using var token = await _ci.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals/operator/credentials", """{"kind":"token"}"""));
        using var remove = await _ci.DeleteAsync("/api/v1/principals/operator");
        using var ordinary = await _ci.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals", """{"name":"third"}"""));

        owner.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        token.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        remove.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        ordinary.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await _server.RefusalsAsync("principal.add")).ShouldBe([": second, an owner"]);
        (await _server.RefusalsAsync("principal.remove")).ShouldBe([": operator, an owner"]);
        (await _server.RefusalsAsync("credential.add")).ShouldHaveSingleItem().ShouldContain("of operator for");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("access-key")]
    [InlineData("password")]
    [InlineData("session")]
    public async Task WhoManagesPrincipals_EndsNoOwnersCredential(string kind)
    {
        await AttachAsync("people", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:principal:*"]}]}""", "principals/ci");
        if (kind == "session")
        {
            using var session = (await DdmServer.SignInAsync(_server, Scopes.All)).Client;
        }
        else
        {
            await _server.PostAsync("/api/v1/principals/operator/credentials", $$"""{"kind":"{{kind}}"}""");
        }

        var credential = (await CredentialsAsync("operator")).Last(one => one["kind"]!.GetValue<string>() == kind)["id"]!.GetValue<string>();

        using var revoked = await _ci.DeleteAsync($"/api/v1/principals/operator/credentials/{credential}");
        using var none = await _ci.DeleteAsync($"/api/v1/principals/operator/credentials/{Guid.NewGuid()}");
        using var replaced = await _ci.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals/operator/credentials", """{"kind":"password"}"""));
        using var renamed = await _ci.SendAsync(_server.Request(HttpMethod.Patch, "/api/v1/principals/operator", """{"name":"former"}"""));

        foreach (var response in new[] { revoked, none, replaced, renamed })
        {
            await response.ProblemAsync("forbidden", 403);
        }

        (await CredentialsAsync("operator")).ShouldContain(one => one["id"]!.GetValue<string>() == credential);
        var own = (await CredentialsAsync("ci")).Single()["id"]!.GetValue<string>();
        (await _ci.DeleteAsync($"/api/v1/principals/ci/credentials/{own}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _server.SendAsync(HttpMethod.Delete, $"/api/v1/principals/operator/credentials/{credential}", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task OtherProject_SeesNoPolicyAndNoGroup()
    {
        await AttachAsync("shop", OnShopOnly, "principals/ci");
        await _server.PostAsync("/api/v1/groups", """{"name":"dba"}""");

        (await _server.Stranger.GetAsync("/api/v1/policies/shop")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _server.Stranger.GetAsync("/api/v1/groups/dba")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonNode.Parse(await _server.Stranger.GetStringAsync("/api/v1/policies"))!["policies"]!.AsArray().ShouldBeEmpty();
    }

    private async Task<HttpClient> AddPrincipalAsync(string name)
    {
        (await _server.PostAsync("/api/v1/principals", $$"""{"name":"{{name}}"}""")).Status.ShouldBe(HttpStatusCode.Created);
        var issued = (await _server.PostAsync($"/api/v1/principals/{name}/credentials", """{"kind":"token"}""")).Body;
        return _server.NewClient(new Secret(issued["secret"]!.GetValue<string>()));
    }

    private async Task AttachAsync(string policy, string document, string holder)
    {
        (await _server.PostAsync("/api/v1/policies", $$"""{"name":"{{policy}}","document":{{document}}}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await _server.SendAsync(HttpMethod.Put, $"/api/v1/policies/{policy}/{holder}", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    private async Task<List<JsonNode>> CredentialsAsync(string principal) =>
        [.. (await _server.GetAsync($"/api/v1/principals/{principal}/credentials")).Body["credentials"]!.AsArray().Select(one => one!)];

    private async Task<JsonNode> ExplainAsync(string body)
    {
        var (status, answer) = await _server.PostAsync("/api/v1/access/explain", body);
        status.ShouldBe(HttpStatusCode.OK, answer.ToJsonString());
        return answer;
    }
}
