using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Tests.Dialects.GaussDb;

/// <summary>A server with one instance, a MariaDB whose users have rows, called as GaussDB's clients call.</summary>
internal sealed class GaussDbServer : IAsyncDisposable
{
    /// <summary>The documents' sample.</summary>
    public const string NewPassword = "Test_345612";

    private GaussDbServer(RunningServer running) => Running = running;

    public RunningServer Running { get; }

    public FakeEngine Database => Running.MariaDb;

    /// <summary>The caller's project, as paths have it.</summary>
    public string Project { get; private set; } = null!;

    /// <summary>The instance, as paths have it.</summary>
    public string Instance { get; private set; } = null!;

    /// <summary>What a sign-in would have given out.</summary>
    public Secret Token { get; private set; } = null!;

    public static async Task<GaussDbServer> StartAsync(string extra = "")
    {
        var server = new GaussDbServer(await RunningServer.StartAsync());
        server.Database.Passwords["root"] = server.Database.Passwords["app"] = "before";
        var principals = server.Running.Store.Principals;
        var project = (await principals.FindProjectAsync("project-of-operator", default))!;
        server.Project = project.Id.ToString("N");
        server.Token = await AddSessionAsync(principals, (await principals.FindAsync(project.Id, "operator", default))!, Scopes.All);
        server.Instance = $"{Guid.Parse(await server.Running.RegisterAsync("mariadb", "orders", extra)):N}in07";
        return server;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = Running.Request(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Add("X-Auth-Token", Token.Reveal());
        change?.Invoke(request);
        return await Running.Anonymous.SendAsync(request);
    }

    public static async Task<Secret> AddSessionAsync(IPrincipalStore principals, Principal principal, Scopes scopes)
    {
        var token = SessionToken.Generate();
        var session = new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Session, "test", TimeProvider.System.GetUtcNow())
        {
            PublicId = SessionToken.ProjectScope,
            Scopes = scopes,
        };
        await principals.AddCredentialAsync(session, new CredentialMaterial(ApiToken.Hash(token)), audit: null, default);
        return token;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<HttpResponseMessage> ResetAsync(string? body = $$"""{"password":"{{NewPassword}}"}""", string version = "/mysql/v3", string? instance = null) =>
        SendAsync(HttpMethod.Post, $"{version}/{Project}/instances/{instance ?? Instance}/password", body);

    /// <summary>A call of the db-users family.</summary>
    public Task<HttpResponseMessage> UsersAsync(HttpMethod method, string? body = null, string operation = "") =>
        SendAsync(method, $"/v3/{Project}/instances/{Instance}/db-users{operation}", body);

    public async Task<JsonNode> JobAsync(string id)
    {
        using var response = await GetAsync($"/v3/{Project}/jobs?id={id}");
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["job"]!;
    }

    /// <summary>What the native API shows of the instance's accounts and their passwords.</summary>
    public async Task<string> SecretAsync(string account)
    {
        var (_, secret) = await Running.GetAsync($"/api/v1/instances/orders/accounts/{account}");
        return secret["password"]!.GetValue<string>();
    }

    public void LoseTheNextAnswer() => Database.OnChange = () =>
    {
        Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
        return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
    };

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}

internal static class GaussDbAssertions
{
    /// <summary>The whole answer: status, headers and body.</summary>
    public static async Task ShouldBeAsync(this HttpResponseMessage response, int status, string body)
    {
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldBe(body);
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        response.Headers.GetValues("X-Request-Id").Single().ShouldMatch("^[0-9a-f]{32}$");
    }

    public static Task ShouldBeErrorAsync(this HttpResponseMessage response, int status, string code, string message) =>
        response.ShouldBeAsync(status, $$"""{"error_code":"{{code}}","error_msg":{{JsonValue.Create(message).ToJsonString()}}}""");
}
