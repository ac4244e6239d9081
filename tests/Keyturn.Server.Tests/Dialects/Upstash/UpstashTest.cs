using System.Net.Http.Headers;
using System.Text;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Server.Access;

namespace Keyturn.Server.Tests.Dialects.Upstash;

/// <summary>A server with one Redis, and a client of its project with an e-mail address and a key.</summary>
public abstract class UpstashTest : IAsyncLifetime
{
    private protected const string Email = "Ops@example.com";
    private protected const string Json = "Content-Type: application/json; charset=utf-8";

    private const string Attributes = """
        ,"attributes":{"region":"eu-central-1","type":"Pay as You Go","endpoint":"eu2-sought-mollusk-30143.example.io","owner-email":"owner@example.com"}
        """;

    private protected RunningServer Server { get; private set; } = null!;

    private protected WatchedClock Clock { get; } = new();

    private protected FakeEngine Redis => Server.Engines[2];

    /// <summary>Id of the database.</summary>
    private protected string Id { get; private set; } = null!;

    private protected HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(clock: Clock);
        Id = await Server.RegisterAsync("redis", "cache", Attributes);
        Redis.Passwords["default"] = "before";
        Client = await ClientAsync(Email, Email);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client of a new principal.</summary>
    private protected async Task<HttpClient> ClientAsync(string principalsEmail, string shownEmail, string project = "project-of-operator", string[]? scopes = null, TimeSpan? endsAfter = null)
    {
        var key = EmailKey.Generate();
        var now = TimeProvider.System.GetUtcNow();
        var owner = await Server.Store.Principals.FindProjectAsync(project, CancellationToken.None);
        var principal = new Principal(Guid.NewGuid(), owner!.Id, $"p{Guid.NewGuid():N}", now) { Email = principalsEmail, IsOwner = true };
        (await Server.Store.Principals.AddAsync(principal, audit: null, CancellationToken.None)).ShouldBeTrue();
        var credential = new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.EmailKey, "test", now)
        {
            Scopes = scopes is null ? Scopes.All : Scopes.TryParse(scopes)!,
            ExpiresAt = now + endsAfter,
        };
        await Server.Store.Principals.AddCredentialAsync(credential, new CredentialMaterial(EmailKey.Hash(key)), audit: null, CancellationToken.None);
        return NewClient($"Basic {Encode($"{shownEmail}:{key.Reveal()}")}");
    }

    private protected HttpClient NewClient(string authorization)
    {
        var client = new HttpClient { BaseAddress = Server.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        return client;
    }

    private protected static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private protected Task<HttpResponseMessage> ResetAsync(HttpContent? body = null, string? id = null) => Client.PostAsync($"/v2/redis/reset-password/{id ?? Id}", body);

    private protected static HttpContent JsonBody(string text) => new StringContent(text, new MediaTypeHeaderValue("application/json"));

    /// <summary>The next change has no answer, and the database none after it.</summary>
    private protected void FallSilent() => Redis.OnChange = () =>
    {
        Redis.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
        return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
    };

    /// <summary>The object that is answered, without credentials, as a client gets it.</summary>
    private protected async Task<string> DatabaseAsync()
    {
        using var response = await Client.GetAsync($"/v2/redis/database/{Id}?credentials=hide");
        return await response.Content.ReadAsStringAsync();
    }
}
