using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Tests.Dialects.Dds;

/// <summary>A running server with an instance of MongoDB's, and a client that has signed in.</summary>
internal sealed partial class DdsServer : IAsyncDisposable
{
    /// <summary>Requests for this host are for DDS, whatever their path.</summary>
    public const string OwnHost = "dds.example";

    private readonly Principal _principal;

    private DdsServer(RunningServer server, Principal principal, string instance, Secret session)
    {
        (Server, _principal, Instance, Session) = (server, principal, instance, session);
    }

    public RunningServer Server { get; }

    public FakeEngine Database => Server.MongoDb;

    /// <summary>The id that the native API gave the instance.</summary>
    public string Instance { get; }

    public Secret Session { get; }

    public string Project => _principal.ProjectId.ToString("N");

    public string InstanceId => IdOf(Instance);

    public static string IdOf(string instance) => Guid.Parse(instance).ToString("N") + "in02";

    /// <summary>Starts it, with the account rwuser.</summary>
    public static async Task<DdsServer> StartAsync(string extra = "")
    {
        var server = await RunningServer.StartAsync(options => options with { Dialects = [new DoorAddress("dds", $"http://{OwnHost}")] });
        server.MongoDb.Passwords["rwuser"] = "Before-1234";
        var instance = await server.RegisterAsync("mongodb", "orders", extra);
        var known = (await server.Store.Principals.FindByHashAsync(CredentialKind.Token, ApiToken.Hash(server.Token), CancellationToken.None)).ShouldNotBeNull();
        return new DdsServer(server, known.Principal, instance, await AddSessionAsync(server, known.Principal, Scopes.All));
    }

    /// <summary>A session that may be used for less.</summary>
    public Task<Secret> AddSessionAsync(params string[] scopes) => AddSessionAsync(Server, _principal, Scopes.TryParse(scopes).ShouldNotBeNull());

    public Task<string> CheckAsync(string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, "/check-password", body, headers);

    public Task<string> ResetAsync(string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, "/reset-password", body, headers);

    /// <summary>A call about the instance.</summary>
    public Task<string> SendAsync(HttpMethod method, string operation, string? body = null, params (string Name, string Value)[] headers) =>
        SendProjectAsync(method, $"/instances/{InstanceId}{operation}", body, headers);

    /// <summary>A call about the project.</summary>
    public Task<string> SendProjectAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        SendRawAsync(method, $"/v3/{Project}{path}", body, [("X-Auth-Token", Session.Reveal()), .. headers]);

    /// <summary>Any call. The answer as text: status, headers by name without those of the transport, body. Ids are masked.</summary>
    public async Task<string> SendRawAsync(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = Server.Request(method, path);
        foreach (var (name, value) in headers.GroupBy(header => header.Name).Select(group => group.Last()))
        {
            request.Headers.Add(name, value);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Server.Anonymous.SendAsync(request);
        LastResetId = response.Headers.TryGetValues("Keyturn-Reset-Id", out var ids) ? ids.Single() : null;
        LastBody = await response.Content.ReadAsStringAsync();
        var shown = response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Transfer-Encoding" or "Content-Length"))
            .Select(header => $"{header.Key}: {Masked(header.Key, string.Join(", ", header.Value))}")
            .Order(StringComparer.Ordinal);
        return $"{(int)response.StatusCode}\n{string.Join('\n', shown)}\n\n{LastBody}";
    }

    public string? LastResetId { get; private set; }

    public string LastBody { get; private set; } = "";

    public JsonNode LastJson => JsonNode.Parse(LastBody)!;

    /// <summary>A whole answer: what this door says, and what every answer of Keyturn's has.</summary>
    public static string Golden(int status, string body, bool hasReset = false) =>
        $"""
        {status}
        Cache-Control: no-store
        Content-Security-Policy: default-src 'none'; frame-ancestors 'none'
        Content-Type: application/json; charset=utf-8{(hasReset ? "\nKeyturn-Reset-Id: (uuid)" : "")}
        Referrer-Policy: no-referrer
        X-Content-Type-Options: nosniff
        X-Request-ID: (32 digits)

        {body}
        """;

    /// <summary>A whole error.</summary>
    public static string Error(int status, string code, string message, bool hasReset = false) =>
        Golden(status, $$"""{"error_code":"{{code}}","error_msg":"{{message}}"}""", hasReset);

    /// <summary>The database takes the change and is gone before it answers.</summary>
    public void HangUpInTheMiddle() => Database.OnChange = () =>
    {
        Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
        return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
    };

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static async Task<Secret> AddSessionAsync(RunningServer server, Principal principal, Scopes scopes)
    {
        var (token, now) = (ApiToken.Generate(), TimeProvider.System.GetUtcNow());
        var session = new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Session, "password", now)
        {
            PublicId = SessionToken.ProjectScope,
            Scopes = scopes,
            ExpiresAt = now.AddHours(1),
        };
        await server.Store.Principals.AddCredentialAsync(session, new CredentialMaterial(ApiToken.Hash(token)), audit: null, CancellationToken.None);
        return token;
    }

    private static string Masked(string name, string value) => name switch
    {
        "X-Request-ID" when Digits().IsMatch(value) => "(32 digits)",
        "Keyturn-Reset-Id" when Guid.TryParseExact(value, "D", out _) => "(uuid)",
        _ => value,
    };

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Digits();
}
