using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Server.Tests;

/// <summary>A server on Kestrel and a real SQLite store, in front of databases in memory. Two projects, a principal in each.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ServerHost _host;

    private RunningServer(DirectoryInfo folder, ServerHost host, Store store, Secret token, Secret strangersToken, IReadOnlyList<FakeEngine> engines)
    {
        (_folder, _host, Store, Token, Engines) = (folder, host, store, token, engines);
        Client = NewClient(token);
        Stranger = NewClient(strangersToken);
        Anonymous = NewClient(token: null);
    }

    public Store Store { get; }

    public Secret Token { get; }

    public IReadOnlyList<FakeEngine> Engines { get; }

    /// <summary>The database named postgresql.</summary>
    public FakeEngine Postgres => Engines[0];

    /// <summary>The database named mysql.</summary>
    public FakeEngine MySql => Engines[1];

    /// <summary>The database named mariadb, whose users have rows.</summary>
    public FakeEngine MariaDb => Engines[3];

    /// <summary>The database named mongodb.</summary>
    public FakeEngine MongoDb => Engines[4];

    /// <summary>Sends the token.</summary>
    public HttpClient Client { get; }

    /// <summary>Sends the token of another project's principal.</summary>
    public HttpClient Stranger { get; }

    /// <summary>Sends none.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>Every route that is mapped.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _host.Endpoints;

    public Uri Address => _host.Addresses[0];

    public IReadOnlyList<Uri> Addresses => _host.Addresses;

    /// <param name="configure">Options other than the defaults.</param>
    /// <param name="clock">The server's and the store's; the system's by default.</param>
    public static async Task<RunningServer> StartAsync(Func<ServerOptions, ServerOptions>? configure = null, TimeProvider? clock = null)
    {
        var folder = Directory.CreateTempSubdirectory("keyturn-server-");
        var path = Path.Combine(folder.FullName, "keyturn.db");
        var store = await Store.CreateAsync(path, new MasterKeys(MasterKey.Generate()), clock ?? TimeProvider.System);
        var token = await AddPrincipalAsync(store, "operator");
        var strangersToken = await AddPrincipalAsync(store, "stranger");
        FakeEngine[] engines =
        [
            new("postgresql"), new("mysql", EngineTraits.AccountHasPlugin | EngineTraits.AccountHasHost | EngineTraits.AccountHasRoles), new("redis"), new("mariadb", EngineTraits.AccountHasPlugin | EngineTraits.AccountHasHost),
            new("mongodb", EngineTraits.AccountHasAuthDatabase | EngineTraits.AccountHasRoles),
        ];
        var options = new ServerOptions { Store = path, Urls = ["http://127.0.0.1:0"] };
        var host = await ServerHost.StartAsync(configure?.Invoke(options) ?? options, store, engines, clock ?? TimeProvider.System, CancellationToken.None);
        return new RunningServer(folder, host, store, token, strangersToken, engines);
    }

    /// <summary>Registers an instance on one of the databases, and returns its id.</summary>
    public async Task<string> RegisterAsync(string engine, string? name = null, string extra = "")
    {
        var body = $$"""
            {"name":"{{name ?? engine}}","engine":"{{engine}}","nodes":[{"host":"db.example","port":5432}],
             "admin":{"user":"admin","password":"Adm1n-Pa55word"},"is_clone":true{{extra}}}
            """;
        var (status, answer) = await PostAsync("/api/v1/instances", body);
        status.ShouldBe(HttpStatusCode.Created, answer.ToJsonString());
        return answer["id"]!.GetValue<string>();
    }

    public Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, string? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path, body: null);

    /// <summary>What the audit log has of what was refused, the latest first: the account and the detail.</summary>
    public async Task<IReadOnlyList<string>> RefusalsAsync(string action = "access") =>
        [.. (await GetAsync($"/api/v1/audit?action={action}&outcome=refused")).Body["entries"]!.AsArray().Select(entry => $"{entry!["account"]}: {entry["detail"]}")];

    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, string? body)
    {
        using var response = await Client.SendAsync(Request(method, path, body));
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    /// <summary>A client that sends a new token of the operator, with these scopes.</summary>
    public async Task<HttpClient> ClientAsync(params string[] scopes)
    {
        var body = new JsonObject { ["kind"] = "token", ["scopes"] = new JsonArray([.. scopes.Select(scope => (JsonNode)scope)]) };
        var (status, issued) = await PostAsync("/api/v1/principals/operator/credentials", body.ToJsonString());
        status.ShouldBe(HttpStatusCode.Created, issued.ToJsonString());
        return NewClient(new Secret(issued["secret"]!.GetValue<string>()));
    }

    /// <summary>A client that sends this token, or none.</summary>
    public HttpClient NewClient(Secret? token)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token.Reveal());
        return client;
    }

    /// <summary>A request whose path goes out exactly as it is written here.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path, string? body = null)
    {
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(method, new Uri($"{Address.GetLeftPart(UriPartial.Authority)}{path}", exactly));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");

            // A server that refuses a large body closes the connection: who is still sending may find that out before the answer.
            request.Headers.ExpectContinue = body.Length > 1 << 20;
        }

        return request;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Stranger.Dispose();
        Anonymous.Dispose();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<Secret> AddPrincipalAsync(Store store, string name)
    {
        var token = ApiToken.Generate();
        var now = TimeProvider.System.GetUtcNow();
        var project = new Project(Guid.NewGuid(), $"project-of-{name}", "default", now);
        var principal = new Principal(Guid.NewGuid(), project.Id, name, now) { IsOwner = true };
        await store.Principals.AddProjectAsync(project, CancellationToken.None);
        await store.Principals.AddAsync(principal, audit: null, CancellationToken.None);
        var credential = new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Token, "first", now);
        await store.Principals.AddCredentialAsync(credential, new CredentialMaterial(ApiToken.Hash(token)), audit: null, CancellationToken.None);
        return token;
    }
}
