using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Audit;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

public sealed class TemporaryKeysTests : IAsyncLifetime
{
    private const string Project = "97b026aa9cc4417888c14c84a1ad9860";
    private const string Instances = $"/v3/{Project}/instances";

    private HuaweiTestServer _server = null!;
    private Principal _principal = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await HuaweiTestServer.StartAsync();
        _principal = await _server.AddPrincipalAsync("operator", Guid.Parse(Project));
        await _server.AddSessionAsync(_principal, "good", "project", _server.Clock.Now.AddHours(1));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Create_Pair_SignsWithItsTokenUntilItEnds()
    {
        var pair = await CreateAsync("""{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":1000}}}}""");

        pair["expires_at"]!.GetValue<string>().ShouldBe("2026-11-20T12:16:40.000000Z");
        (await CallAsync(pair, Text(pair, "securitytoken"), isSigned: true)).ShouldBe(HttpStatusCode.OK);
        (await CallAsync(pair, Text(pair, "securitytoken"), isSigned: false)).ShouldBe(HttpStatusCode.OK);
        (await CallAsync(pair, securityToken: null, isSigned: false)).ShouldBe(HttpStatusCode.Unauthorized);
        (await CallAsync(pair, "another", isSigned: true)).ShouldBe(HttpStatusCode.Unauthorized);
        _server.Clock.Now = _server.Clock.Now.AddSeconds(1000);
        (await CallAsync(pair, Text(pair, "securitytoken"), isSigned: true)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Create_LongerThanTheSession_EndsWithIt() =>
        (await CreateAsync("""{"auth":{"identity":{"methods":["token"],"token":{"id":"ignored","duration_seconds":86400}}}}"""))["expires_at"]!
            .GetValue<string>().ShouldBe("2026-11-20T13:00:00.000000Z");

    [Fact]
    public async Task Create_MoreThanTwenty_WaitsForOneToEnd()
    {
        const string body = """{"auth":{"identity":{"methods":["token"]}}}""";
        for (var i = 0; i < 20; i++)
        {
            await CreateAsync(body);
        }

        using var oneMore = await PostAsync(body);
        _server.Clock.Now = _server.Clock.Now.AddSeconds(900);
        await CreateAsync(body);

        await CreateAsync(body);

        oneMore.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await _server.Principals.ListCredentialsAsync(_principal.Id, default)).Count(credential => credential.Kind == CredentialKind.AccessKey).ShouldBe(2);
    }

    [Theory]
    [InlineData(CredentialKind.Session)]
    [InlineData(CredentialKind.AccessKey)]
    [InlineData(CredentialKind.Password)]
    public async Task Revoke_WhatItMayHaveComeFrom_EndsItAtOnce(CredentialKind kind)
    {
        await _server.AddAccessKeyAsync(_principal, "KTAK0000000000000001", "secret");
        await _server.Principals.AddCredentialAsync(
            new PrincipalCredential(Guid.NewGuid(), _principal.Id, CredentialKind.Password, "", _server.Clock.Now), new CredentialMaterial(new byte[] { 1 }), audit: null, default);
        await _server.AddSessionAsync(_principal, "good", "project", _server.Clock.Now.AddHours(1));
        var pair = await CreateAsync("""{"auth":{"identity":{"methods":["token"]}}}""");
        (await CallAsync(pair, Text(pair, "securitytoken"), isSigned: true)).ShouldBe(HttpStatusCode.OK);
        var revoked = (await _server.Principals.ListCredentialsAsync(_principal.Id, default)).First(credential => credential.Kind == kind && !credential.IsTemporary);

        await _server.Principals.RevokeAsync(_principal.Id, revoked.Id, new AuditEntry { Caller = Caller.Keyturn(_principal.ProjectId), Action = "credential.revoke", Outcome = "done" }, default);

        (await CallAsync(pair, Text(pair, "securitytoken"), isSigned: true)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"auth":{"identity":{"methods":["assume_role"]}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":899}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":86401}}}}""")]
    [InlineData("""{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":"900"}}}}""")]
    public async Task Create_SomethingElse_IsABadRequest(string body)
    {
        using var response = await PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldMatch("""^{"error_code":"IAM.0011","error_msg":"Request body is invalid.","request_id":"[0-9a-f]{32}"}$""");
    }

    private async Task<JsonNode> CreateAsync(string body)
    {
        using var response = await PostAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Created, text);
        var pair = JsonNode.Parse(text)!["credential"]!;
        pair.AsObject().Select(member => member.Key).ShouldBe(["access", "secret", "securitytoken", "expires_at"]);
        return pair;
    }

    private Task<HttpResponseMessage> PostAsync(string body) => _server.Client.SendAsync(
        _server.Request(HttpMethod.Post, "/v3.0/OS-CREDENTIAL/securitytokens", new Dictionary<string, string> { ["X-Auth-Token"] = "good" }, body));

    private async Task<HttpStatusCode> CallAsync(JsonNode pair, string? securityToken, bool isSigned)
    {
        var headers = new Dictionary<string, string>
        {
            ["Host"] = _server.Client.BaseAddress!.Authority,
            ["X-Sdk-Date"] = _server.Clock.Now.ToString("yyyyMMdd'T'HHmmss'Z'"),
        };
        if (isSigned)
        {
            headers["X-Security-Token"] = securityToken!;
        }

        headers["Authorization"] = TestSigner.Access(Text(pair, "access"), Text(pair, "secret"), "GET", Instances + "/", "", headers);
        if (!isSigned && securityToken is not null)
        {
            headers["X-Security-Token"] = securityToken;
        }

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Get, Instances, headers));
        return response.StatusCode;
    }

    private static string Text(JsonNode pair, string member) => pair[member]!.GetValue<string>();
}
