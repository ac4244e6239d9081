using System.Net;
using Keyturn.Access;

namespace Keyturn.Server.Tests.Dialects.Ddm;

/// <summary>Policies as DDM's own documents write them, at DDM's door.</summary>
public sealed class DdmPolicyTests : IAsyncLifetime
{
    private DdmServer _ddm = null!;
    private HttpClient _ci = null!;

    public async ValueTask InitializeAsync()
    {
        _ddm = await DdmServer.StartAsync();
        await _ddm.Running.PostAsync("/api/v1/principals", """{"name":"ci"}""");
        (_ci, _) = await DdmServer.SignInAsync(_ddm.Running, Scopes.All, "ci");
    }

    public async ValueTask DisposeAsync()
    {
        _ci.Dispose();
        await _ddm.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["ddm:instance:updateUser"],"Resource":["ddm:*:*:instance:*"]}]}""")]
    [InlineData("""{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["ddm:user:modify"]}]}""")]
    public async Task UpdateUserAllowed_ResetIsDone_OtherCallsAreForbidden(string policy)
    {
        await AttachAsync(policy);

        using var reset = await SendAsync(HttpMethod.Post, _ddm.PasswordOf("app"), $$"""{"password":"{{DdmServer.Good}}"}""");
        using var list = await SendAsync(HttpMethod.Get, _ddm.Users());
        using var gaussDb = await SendAsync(HttpMethod.Post, $"/v3/{_ddm.ProjectId}/instances/{_ddm.Shop.Replace("in09", "in07", StringComparison.Ordinal)}/password", """{"password":"Another-1-x"}""");

        await reset.ShouldBeAsync(200, "{}");
        _ddm.MySql.Passwords["app"].ShouldBe(DdmServer.Good);
        await list.ShouldBeErrorAsync(403, "DBS.280015", "Resource not found or permission denied.");
        gaussDb.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        _ddm.MySql.Changes.ShouldBe(1);
    }

    [Fact]
    public async Task InstanceThatMayNotBeTouched_AndOneThatIsNotThere_AreForbiddenAlike()
    {
        await AttachAsync("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["ddm:*:*"],"Condition":{"StringEquals":{"g:ResourceTag/stage":["test"]}}}]}""");

        using var other = await SendAsync(HttpMethod.Get, _ddm.Users());
        using var none = await SendAsync(HttpMethod.Get, _ddm.Users().Replace(_ddm.Shop, $"{Guid.NewGuid():N}in09", StringComparison.Ordinal));

        other.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        none.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await other.Content.ReadAsStringAsync()).ShouldBe(await none.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task EveryInstanceAllowed_OneThatIsNotThere_IsToldSo()
    {
        await AttachAsync("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["ddm:*:*"]}]}""");

        using var none = await SendAsync(HttpMethod.Get, _ddm.Users().Replace(_ddm.Shop, $"{Guid.NewGuid():N}in09", StringComparison.Ordinal));

        none.StatusCode.ShouldBe(HttpStatusCode.NotFound, "Terraform makes anew what it is told is not there: only what is not there may be told so");
    }

    [Fact]
    public async Task List_ShowsWhatMayBeRead()
    {
        await _ddm.Running.RegisterAsync("mariadb", "vault");
        await AttachAsync("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["ddm:instance:list"],"Resource":["ddm:*:*:instance:shop"]}]}""");

        using var list = await SendAsync(HttpMethod.Get, $"/v1/{_ddm.ProjectId}/instances");

        var text = await list.Content.ReadAsStringAsync();
        text.ShouldContain("\"shop\"");
        text.ShouldNotContain("vault");
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null) => _ddm.SendAsync(method, path, body, client: _ci);

    private async Task AttachAsync(string policy)
    {
        (await _ddm.Running.PostAsync("/api/v1/policies", $$"""{"name":"p","document":{{policy}}}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await _ddm.Running.SendAsync(HttpMethod.Put, "/api/v1/policies/p/principals/ci", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
    }
}
