using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.DigitalOcean;

/// <summary>A server with a MySQL and a PostgreSQL cluster, each with the user <c>app</c>.</summary>
public abstract class DigitalOceanTest : IAsyncLifetime
{
    /// <summary>What follows the status in every answer with a body.</summary>
    private protected const string Headers = "Content-Type: application/json; charset=utf-8\nratelimit-limit: 5000\nratelimit-remaining: N\nratelimit-reset: N";

    private protected RunningServer Server { get; private set; } = null!;

    private protected string MySql { get; private set; } = null!;

    private protected string Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        MySql = await Server.RegisterAsync("mysql", "shop");
        Postgres = await Server.RegisterAsync("postgresql", "orders");
        Server.MySql.Passwords["app"] = Server.Postgres.Passwords["app"] = "before";
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Status, headers and body.</summary>
    private protected async Task<string> SendAsync(string method, string path, string? body = null, HttpClient? client = null)
    {
        using var response = await (client ?? Server.Client).SendAsync(Server.Request(new HttpMethod(method), $"/v2/databases{path}", body));
        return await response.WholeAsync();
    }

    private protected static string Error(int status, string id, string message, bool namesReset = false) =>
        $$"""
        {{status}}
        {{(namesReset ? Headers.Replace("\nratelimit-limit", "\nKeyturn-Reset-Id: ID\nratelimit-limit", StringComparison.Ordinal) : Headers)}}
        {"id":"{{id}}","message":"{{message}}","request_id":"ID"}
        """.ReplaceLineEndings("\n");

    /// <summary>The next change has no answer, and the database none after it.</summary>
    private protected static void FallSilent(FakeEngine engine) => engine.OnChange = () =>
    {
        engine.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
        return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
    };
}
