using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Tests.Dialects.Ddm;

/// <summary>The whole server with an instance <c>shop</c> that DDM's clients see, and an account <c>app</c> on it whose password is <c>before</c>.</summary>
internal sealed class DdmServer : IAsyncDisposable
{
    public const string Good = "Vt5qLw-e8Xn2";

    private DdmServer(RunningServer running, string projectId, HttpClient client, string shop) =>
        (Running, ProjectId, Client, Shop) = (running, projectId, client, shop);

    public RunningServer Running { get; }

    public FakeEngine MySql => Running.MySql;

    /// <summary>32 digits.</summary>
    public string ProjectId { get; }

    /// <summary>36 characters.</summary>
    public string Shop { get; }

    /// <summary>With the token of a signed-in user.</summary>
    public HttpClient Client { get; }

    public static async Task<DdmServer> StartAsync()
    {
        var running = await RunningServer.StartAsync();
        running.MySql.Passwords["app"] = "before";
        var (client, project) = await SignInAsync(running, Scopes.All);
        var id = await running.RegisterAsync("mysql", "shop");
        return new DdmServer(running, project.Id.ToString("N"), client, Guid.Parse(id).ToString("N") + "in09");
    }

    public Task<(HttpClient Client, Project Project)> SignInAsync(Scopes scopes) => SignInAsync(Running, scopes);

    public string Users(string version = "v3") => $"/{version}/{ProjectId}/instances/{Shop}/users";

    public string PasswordOf(string user, string version = "v3") => $"{Users(version)}/{user}/password";

    public Task<HttpResponseMessage> ResetAsync(string body = $$"""{"password":"{{Good}}"}""", string user = "app", string version = "v3") =>
        SendAsync(HttpMethod.Post, PasswordOf(user, version), body);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string? contentType = "application/json", string? language = null, HttpClient? client = null)
    {
        using var request = Running.Request(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        if (language is not null)
        {
            request.Headers.Add("X-Language", language);
        }

        return await (client ?? Client).SendAsync(request);
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Running.DisposeAsync();
    }

    public static async Task<(HttpClient Client, Project Project)> SignInAsync(RunningServer running, Scopes scopes, string name = "operator")
    {
        var project = (await running.Store.Principals.FindProjectAsync("project-of-operator", default))!;
        var user = (await running.Store.Principals.FindAsync(project.Id, name, default))!;
        var token = new Secret($"kts_{Guid.NewGuid():N}");
        var session = new PrincipalCredential(Guid.NewGuid(), user.Id, CredentialKind.Session, "test", TimeProvider.System.GetUtcNow()) { PublicId = "project", Scopes = scopes };
        await running.Store.Principals.AddCredentialAsync(session, new CredentialMaterial(ApiToken.Hash(token)), audit: null, default);
        var client = new HttpClient { BaseAddress = running.Address };
        client.DefaultRequestHeaders.Add("X-Auth-Token", token.Reveal());
        return (client, project);
    }
}

/// <summary>Whole answers.</summary>
internal static class DdmAnswers
{
    public static async Task ShouldBeAsync(this HttpResponseMessage response, int status, string body)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        text.ShouldBe(body);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        response.Headers.GetValues("X-Request-Id").Single().ShouldMatch("^[0-9a-f]{32}$");
        response.Headers.RetryAfter.ShouldBeNull();
    }

    /// <summary>All four members, with the same code and sentence in each pair.</summary>
    public static Task ShouldBeErrorAsync(this HttpResponseMessage response, int status, string code, string message)
    {
        var sentence = JsonSerializer.Serialize(message);
        return response.ShouldBeAsync(status, $$"""{"errCode":"{{code}}","externalMessage":{{sentence}},"error_code":"{{code}}","error_msg":{{sentence}}}""");
    }
}
