using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Tests.Api;

public sealed class CredentialEndpointTests : IAsyncLifetime
{
    private const string Path = "/api/v1/principals/ci/credentials";

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.PostAsync("/api/v1/principals", """{"name":"ci","email":"ci@example.org","owner":true}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("token", "kt_")]
    [InlineData("access-key", "")]
    [InlineData("email-key", "kte_")]
    [InlineData("password", "")]
    public async Task Add_AnyKind_ShowsItsSecretOnceAndNeverAgain(string kind, string prefix)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Path, $$"""{"kind":"{{kind}}","label":"build server"}"""));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var issued = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var secret = issued["secret"]!.GetValue<string>();
        secret.ShouldStartWith(prefix);
        secret.Length.ShouldBeGreaterThanOrEqualTo(32);
        issued["credential"]!["kind"]!.GetValue<string>().ShouldBe(kind);
        issued["credential"]!["label"]!.GetValue<string>().ShouldBe("build server");
        issued["credential"]!["scopes"]!.ToJsonString().ShouldBe("""["*"]""");

        var list = (await _server.GetAsync(Path)).Body;
        var listed = list["credentials"]!.AsArray().ShouldHaveSingleItem()!.AsObject();
        listed.Select(member => member.Key).ShouldBe(issued["credential"]!.AsObject().Select(member => member.Key));
        listed["id"]!.GetValue<string>().ShouldBe(issued["credential"]!["id"]!.GetValue<string>());
        list.ToJsonString().ShouldNotContain(secret);
        (await _server.GetAsync("/api/v1/audit")).Body.ToJsonString().ShouldNotContain(secret);
    }

    [Fact]
    public async Task Add_AccessKey_PublicIdIsTheAkWhoseSkTheStoreOpens()
    {
        var (_, issued) = await _server.PostAsync(Path, """{"kind":"access-key"}""");

        var accessKey = issued["credential"]!["public_id"]!.GetValue<string>();
        accessKey.ShouldMatch("^KTAK[A-Z0-9]{16}$");
        issued["secret"]!.GetValue<string>().ShouldMatch("^[A-Za-z0-9]{40}$");
        var known = (await _server.Store.Principals.FindAccessKeyAsync(accessKey, CancellationToken.None)).ShouldNotBeNull();
        known.Material.SecretKey!.Reveal().ShouldBe(issued["secret"]!.GetValue<string>());
        known.Principal.Name.ShouldBe("ci");
    }

    [Fact]
    public async Task Add_EmailKey_NamesTheAddressAndNeedsOne()
    {
        var (_, issued) = await _server.PostAsync(Path, """{"kind":"email-key"}""");
        issued["email"]!.GetValue<string>().ShouldBe("ci@example.org");
        var hash = EmailKey.Hash(new Secret(issued["secret"]!.GetValue<string>()));
        (await _server.Store.Principals.FindByHashAsync(CredentialKind.EmailKey, hash, CancellationToken.None))!.Principal.Email.ShouldBe("ci@example.org");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, "/api/v1/principals/operator/credentials", """{"kind":"email-key"}"""));

        (await response.ProblemAsync("invalid-request", 422))["violations"]![0]!["rule"]!.GetValue<string>().ShouldBe("email");
    }

    [Fact]
    public async Task Add_GivenPassword_IsNotShownAndReplacesTheOneBefore()
    {
        await _server.PostAsync(Path, """{"kind":"password"}""");

        var (status, issued) = await _server.PostAsync(Path, """{"kind":"password","password":"C4nary-giv3n-one"}""");

        status.ShouldBe(HttpStatusCode.Created);
        issued.ToJsonString().ShouldNotContain("C4nary");
        (await _server.GetAsync(Path)).Body["credentials"]!.AsArray().ShouldHaveSingleItem();
        var ci = await PrincipalAsync();
        var known = await _server.Store.Principals.FindPasswordAsync(ci.Id, CancellationToken.None);
        new SignInPasswords().Verify(known, new Secret("C4nary-giv3n-one")).ShouldBeTrue();
    }

    [Fact]
    public async Task Add_WeakPassword_BreaksThePolicyAndIsNotRepeated()
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Path, """{"kind":"password","password":"hunter2"}"""));

        var problem = await response.ProblemAsync("password-policy", 422);
        problem["violations"]!.AsArray().Count.ShouldBeGreaterThan(0);
        problem.ToJsonString().ShouldNotContain("hunter2");
        (await _server.GetAsync(Path)).Body["credentials"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("token")]
    [InlineData("access-key")]
    [InlineData("email-key")]
    [InlineData("password")]
    public async Task Add_ByACredentialThatEnds_EndsNoLater(string kind)
    {
        var (_, parent) = await _server.PostAsync("/api/v1/principals/operator/credentials", """{"kind":"token","expires_in_seconds":3600}""");
        var told = parent["credential"]!["expires_at"]!.GetValue<DateTimeOffset>();
        var end = (await _server.GetAsync("/api/v1/principals/operator/credentials")).Body["credentials"]!.AsArray().Last()!["expires_at"]!.GetValue<DateTimeOffset>();
        using var client = _server.NewClient(new Secret(parent["secret"]!.GetValue<string>()));

        using var same = await AddAsync("");
        using var exactly = await AddAsync($",\"expires_at\":\"{told:O}\"");
        using var sooner = await AddAsync(""","expires_in_seconds":60""");
        using var later = await AddAsync(""","expires_in_seconds":7200""");
        using var much = await AddAsync($",\"expires_at\":\"{end.AddTicks(10):O}\"");

        (await EndAsync(same)).ShouldBe(end);
        (await EndAsync(exactly)).ShouldBe(told);
        (await EndAsync(sooner)).ShouldBeLessThan(end);
        (await later.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain($"{end:u}");
        await much.ProblemAsync("forbidden", 403);

        Task<HttpResponseMessage> AddAsync(string more) => client.SendAsync(_server.Request(HttpMethod.Post, Path, $$"""{"kind":"{{kind}}"{{more}}}"""));
    }

    private static async Task<DateTimeOffset> EndAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["credential"]!["expires_at"]!.GetValue<DateTimeOffset>();

    [Theory]
    [InlineData("{}", "kind")]
    [InlineData("", "kind")]
    [InlineData("""{"kind":"session"}""", "kind")]
    [InlineData("""{"kind":"token","scopes":[]}""", "scopes")]
    [InlineData("""{"kind":"token","scopes":["database:read","everything"]}""", "scopes")]
    [InlineData("""{"kind":"token","scopes":[null]}""", "scopes")]
    [InlineData("""{"kind":"token","expires_at":"2020-01-01T00:00:00Z"}""", "expires-at")]
    [InlineData("""{"kind":"token","expires_in_seconds":0}""", "expires-in-seconds")]
    [InlineData("""{"kind":"token","expires_in_seconds":9223372036854775807}""", "expires-in-seconds")]
    [InlineData("""{"kind":"token","expires_in_seconds":60,"expires_at":"2999-01-01T00:00:00Z"}""", "expires-at")]
    [InlineData("""{"kind":"token","password":"C4nary-giv3n-one"}""", "password")]
    [InlineData("""{"kind":"token","label":"a\u001bb"}""", "label")]
    public async Task Add_NoGoodCredential_SaysWhichRuleItBreaks(string body, string rule)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Path, body));

        var problem = await response.ProblemAsync("invalid-request", 422);
        problem["violations"]!.AsArray().Select(violation => violation!["rule"]!.GetValue<string>()).ShouldContain(rule);
        problem.ToJsonString().ShouldNotContain("C4nary");
        (await _server.GetAsync(Path)).Body["credentials"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"kind":"pass"}""")]
    [InlineData("""{"kind":1}""")]
    [InlineData("""{"kind":"token","scopes":"*"}""")]
    [InlineData("""{"kind":"token","expires_at":"tomorrow"}""")]
    [InlineData("""{"kind":"password","password":["C4nary"]}""")]
    public async Task Add_WrongType_IsMalformed(string body)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Path, body));

        (await response.ProblemAsync("malformed", 400)).ToJsonString().ShouldNotContain("C4nary");
    }

    [Fact]
    public async Task Token_Expired_IsUnauthorized()
    {
        var (_, issued) = await _server.PostAsync(Path, """{"kind":"token","expires_in_seconds":1}""");
        using var client = ClientOf(issued);
        using var first = await client.GetAsync("/api/v1/status");
        if (first.StatusCode != HttpStatusCode.OK)
        {
            TimeProvider.System.GetUtcNow().ShouldBeGreaterThanOrEqualTo(issued["credential"]!["expires_at"]!.GetValue<DateTimeOffset>(), "only a slow machine is late for it");
        }

        await Eventually.ShouldAsync(async () => (await client.GetAsync("/api/v1/status")).StatusCode == HttpStatusCode.Unauthorized);

        issued["credential"]!["expires_at"]!.GetValue<DateTimeOffset>().ShouldBe(issued["credential"]!["created_at"]!.GetValue<DateTimeOffset>().AddSeconds(1));
        (await _server.GetAsync(Path)).Body["credentials"]!.AsArray().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Token_Revoked_IsUnauthorizedAtTheNextRequest()
    {
        var (_, issued) = await _server.PostAsync(Path, """{"kind":"token"}""");
        using var client = ClientOf(issued);
        (await client.GetAsync("/api/v1/status")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var id = issued["credential"]!["id"]!.GetValue<string>();

        (await _server.SendAsync(HttpMethod.Delete, $"{Path}/{id}", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);

        using var refused = await client.GetAsync("/api/v1/status");
        await refused.ProblemAsync("unauthorized", 401);
        using var again = await _server.Client.DeleteAsync($"{Path}/{id}");
        await again.ProblemAsync("credential-missing", 404);
    }

    [Fact]
    public async Task Revoke_CredentialOfAnotherPrincipal_FindsNone()
    {
        var (_, issued) = await _server.PostAsync(Path, """{"kind":"token"}""");

        using var response = await _server.Client.DeleteAsync($"/api/v1/principals/operator/credentials/{issued["credential"]!["id"]}");

        await response.ProblemAsync("credential-missing", 404);
        using var client = ClientOf(issued);
        (await client.GetAsync("/api/v1/status")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"kind":"token","scopes":["*"]}""")]
    [InlineData("""{"kind":"token","scopes":["keyturn:account:reset","keyturn:account:reveal"]}""")]
    [InlineData("""{"kind":"password","scopes":["database:view_credentials"]}""")]
    public async Task Add_WiderThanOnesOwnScopes_IsForbidden(string body)
    {
        using var client = await _server.ClientAsync("keyturn:principal:*", "keyturn:account:reset");

        using var response = await client.SendAsync(_server.Request(HttpMethod.Post, Path, body));

        await response.ProblemAsync("forbidden", 403);
        (await _server.GetAsync(Path)).Body["credentials"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_WithoutScopes_HasThoseOfWhoMakesIt()
    {
        using var client = await _server.ClientAsync("keyturn:principal:manage", "keyturn:account:reset");

        using var response = await client.SendAsync(_server.Request(HttpMethod.Post, Path, """{"kind":"token"}"""));

        var issued = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        issued["credential"]!["scopes"]!.ToJsonString().ShouldBe("""["keyturn:principal:manage","keyturn:account:reset"]""");
        using var narrow = ClientOf(issued);
        (await narrow.GetAsync("/api/v1/status")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Add_HundredAndFirst_IsAConflict()
    {
        for (var i = 0; i < 100; i++)
        {
            (await _server.PostAsync(Path, """{"kind":"token"}""")).Status.ShouldBe(HttpStatusCode.Created);
        }

        (await _server.PostAsync(Path, """{"kind":"token"}""")).Status.ShouldBe(HttpStatusCode.Conflict);
    }

    private async Task<Principal> PrincipalAsync()
    {
        var project = (await _server.Store.Principals.FindProjectAsync("project-of-operator", CancellationToken.None))!;
        return (await _server.Store.Principals.FindAsync(project.Id, "ci", CancellationToken.None))!;
    }

    private HttpClient ClientOf(JsonNode issued) => _server.NewClient(new Secret(issued["secret"]!.GetValue<string>()));
}
