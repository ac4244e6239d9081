using System.Net;
using Keyturn.Passwords;

namespace Keyturn.Server.Tests.Access;

/// <summary>Who manages policies, and is no owner, does not reach owners by them: a deny would lock them out. Nor does who manages principals change what policies go by.</summary>
public sealed class OwnerPolicyTests : IAsyncLifetime
{
    private const string DenyAll = """{"Version":"5.0","Statement":[{"Effect":"Deny","Action":["*"]}]}""";
    private const string AllowReads = """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:*:read"]}]}""";

    private RunningServer _server = null!;
    private HttpClient _ci = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.PostAsync("/api/v1/principals", """{"name":"ci"}""");
        await _server.PostAsync("/api/v1/principals", """{"name":"ann"}""");
        _ci = _server.NewClient(new Secret((await _server.PostAsync("/api/v1/principals/ci/credentials", """{"kind":"token"}""")).Body["secret"]!.GetValue<string>()));
        await AddPolicyAsync("policies", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:policy:*"]}]}""");
        await AddPolicyAsync("mine", AllowReads);
        await AddPolicyAsync("grouped", AllowReads);
        await AddPolicyAsync("free", AllowReads);
        foreach (var group in new[] { "owners", "others" })
        {
            await _server.PostAsync("/api/v1/groups", $$"""{"name":"{{group}}"}""");
        }

        foreach (var path in new[] { "policies/policies/principals/ci", "policies/mine/principals/operator", "policies/grouped/groups/owners", "groups/owners/members/operator" })
        {
            (await _server.SendAsync(HttpMethod.Put, $"/api/v1/{path}", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        }
    }

    public ValueTask DisposeAsync()
    {
        _ci.Dispose();
        return _server.DisposeAsync();
    }

    [Theory]
    [InlineData("PUT", "policies/free/principals/operator")]
    [InlineData("PUT", "policies/free/groups/owners")]
    [InlineData("PUT", "groups/others/members/operator")]
    [InlineData("PATCH", "policies/mine", $$"""{"document":{{DenyAll}}}""")]
    [InlineData("PATCH", "policies/grouped", $$"""{"document":{{DenyAll}}}""")]
    [InlineData("DELETE", "policies/mine")]
    [InlineData("DELETE", "policies/grouped")]
    [InlineData("DELETE", "policies/mine/principals/operator")]
    [InlineData("DELETE", "policies/grouped/groups/owners")]
    [InlineData("DELETE", "groups/owners/members/operator")]
    [InlineData("DELETE", "groups/owners")]
    public async Task WhatReachesAnOwner_IsForOwnersOnly(string method, string path, string? body = null)
    {
        using var refused = await _ci.SendAsync(_server.Request(new HttpMethod(method), $"/api/v1/{path}", body));

        (await refused.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain("Only an owner");
        (await _server.GetAsync("/api/v1/audit?outcome=refused")).Body["entries"]!.AsArray().Count.ShouldBe(1, "that it was tried is in the log");
        (await _server.SendAsync(new HttpMethod(method), $"/api/v1/{path}", body?.Replace(DenyAll, AllowReads, StringComparison.Ordinal))).Status
            .ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("PUT", "policies/free/principals/ann")]
    [InlineData("PUT", "policies/free/groups/others")]
    [InlineData("PUT", "policies/mine/groups/others")]
    [InlineData("PUT", "groups/others/members/ann")]
    [InlineData("PUT", "groups/owners/members/ann")]
    [InlineData("PATCH", "policies/free", $$"""{"document":{{DenyAll}}}""")]
    [InlineData("DELETE", "policies/free")]
    [InlineData("DELETE", "groups/others")]
    public async Task WhatReachesNoOwner_IsForWhoManagesPolicies(string method, string path, string? body = null)
    {
        using var done = await _ci.SendAsync(_server.Request(new HttpMethod(method), $"/api/v1/{path}", body));

        done.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
    }

    /// <summary>What a condition or a URN goes by: else who is denied something would be somebody else the next moment.</summary>
    [Theory]
    [InlineData("principals/ci", """{"name":"ci2"}""", "principal.change", "ci is now ci2")]
    [InlineData("principals/ann", """{"name":"bob","email":"ann@example.org"}""", "principal.change", "ann is now bob <ann@example.org>")]
    [InlineData("project", """{"region":"elsewhere"}""", "project.change", "name project-of-operator, region elsewhere")]
    [InlineData("project", """{"name":"other"}""", "project.change", "name other, region default")]
    public async Task WhatPoliciesGoBy_IsChangedByOwnersOnly(string path, string body, string action, string detail)
    {
        await AddPolicyAsync("people", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:principal:*"]}]}""");
        await _server.SendAsync(HttpMethod.Put, "/api/v1/policies/people/principals/ci", body: null);

        using var refused = await _ci.SendAsync(_server.Request(HttpMethod.Patch, $"/api/v1/{path}", body));

        (await refused.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain("Only an owner of the project");
        (await _server.RefusalsAsync(action)).ShouldBe([$": {detail}"]);
        (await _server.SendAsync(HttpMethod.Patch, $"/api/v1/{path}", body)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task AddressesOfPrincipals_AreForWhoManagesThem()
    {
        await AddPolicyAsync("people", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["keyturn:principal:*"]}]}""");
        await _server.SendAsync(HttpMethod.Put, "/api/v1/policies/people/principals/ci", body: null);

        using var changed = await _ci.SendAsync(_server.Request(HttpMethod.Patch, "/api/v1/principals/ann", """{"name":"ann","email":"ann@example.org"}"""));

        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task AddPolicyAsync(string name, string document) =>
        (await _server.PostAsync("/api/v1/policies", $$"""{"name":"{{name}}","document":{{document}}}""")).Status.ShouldBe(HttpStatusCode.Created);
}
