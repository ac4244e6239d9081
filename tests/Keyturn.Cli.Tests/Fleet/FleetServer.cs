using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Cli.Tests.Fleet;

/// <summary>A native API that has instances and held accounts, and answers the rest as it is told.</summary>
internal sealed class FleetServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _atOnce = new();

    public StubServer Stub { get; private set; } = null!;

    public List<JsonObject> Instances { get; } = [];

    public List<JsonObject> Accounts { get; } = [];

    /// <summary>Looked at first; null answers as usual.</summary>
    public Func<string, string, (int Status, object Body)?> Answer { get; set; } = (_, _) => null;

    /// <summary>How long a verification takes.</summary>
    public TimeSpan VerifyingTakes { get; set; }

    /// <summary>The most verifications of one instance at one time.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>All requests that could have changed something.</summary>
    public IReadOnlyList<ReceivedRequest> Changes =>
        [.. Stub.Requests.Where(request => request.Method != "GET" && !request.Target.EndsWith("/check", StringComparison.Ordinal) && !request.Target.Contains("/verify", StringComparison.Ordinal))];

    public static async Task<FleetServer> StartAsync()
    {
        var server = new FleetServer();
        server.Stub = await StubServer.StartAsync(server.RunAsync);
        return server;
    }

    public FleetServer With(string name, string engine = "postgresql", Action<JsonObject>? change = null)
    {
        var instance = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["name"] = name,
            ["engine"] = engine,
            ["nodes"] = new JsonArray(new JsonObject { ["host"] = "db1", ["port"] = 5432, ["role"] = "primary" }, new JsonObject { ["host"] = "db2", ["port"] = 5432, ["role"] = "replica" }),
            ["tls"] = new JsonObject { ["mode"] = "verify-full" },
            ["admin"] = new JsonObject { ["user"] = "keyturn" },
            ["send"] = "verifier",
            ["status"] = "active",
            ["password_policy"] = new JsonObject { ["min_length"] = 12, ["max_length"] = 128, ["min_classes"] = 3, ["specials"] = "-_.~!*+", ["only_allowed_specials"] = false, ["refuse_name"] = true, ["refuse_weak"] = true, ["generated_length"] = 32 },
            ["statement_limit_seconds"] = 3,
            ["tags"] = new JsonObject { ["team"] = "pay" },
            ["attributes"] = new JsonObject(),
            ["is_clone"] = false,
        };
        change?.Invoke(instance);
        Instances.Add(instance);
        return this;
    }

    public FleetServer WithAccount(string instance, string user, bool hasPassword = true, int everyDays = 0)
    {
        var account = new JsonObject { ["instance"] = instance, ["user"] = user, ["name"] = user, ["held"] = true, ["has_password"] = hasPassword, ["proof"] = "login" };
        if (everyDays > 0)
        {
            account["schedule"] = new JsonObject { ["scheduled"] = true, ["every_days"] = everyDays };
        }

        Accounts.Add(account);
        return this;
    }

    public ValueTask DisposeAsync() => Stub.DisposeAsync();

    private async Task RunAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value!["/api/v1".Length..]);
        await VerifyingAsync(path);
        var (status, body) = Answer(method, path) ?? AsUsual(method, path, context.Request.Query);
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(body);
    }

    private async Task VerifyingAsync(string path)
    {
        if (path.EndsWith("/verify", StringComparison.Ordinal))
        {
            var instance = path.Split('/')[2];
            var now = _atOnce.AddOrUpdate(instance, 1, (_, count) => count + 1);
            lock (Instances)
            {
                MostAtOnce = Math.Max(MostAtOnce, now);
            }

            await Task.Delay(VerifyingTakes, TimeProvider.System);
            _atOnce.AddOrUpdate(instance, 0, (_, count) => count - 1);
        }
    }

    private (int Status, object Body) AsUsual(string method, string path, IQueryCollection query) => (method, path) switch
    {
        ("GET", "/instances") => (200, new JsonObject { ["instances"] = new JsonArray([.. Instances.Select(instance => instance.DeepClone())]) }),
        ("GET", "/accounts") => (200, PageOf(query["after"])),
        ("POST", "/instances/check") => (200, new { violations = Array.Empty<object>() }),
        ("POST", _) when path.EndsWith("/import", StringComparison.Ordinal) => (200, new { accounts = Array.Empty<object>() }),
        ("POST", _) when path.EndsWith("/verify", StringComparison.Ordinal) => (200, new { verdict = "verified", version = 1 }),
        _ => (200, new { name = "x" }),
    };

    /// <summary>Two a page.</summary>
    private JsonObject PageOf(string? after)
    {
        var skip = after is null ? 0 : int.Parse(after, System.Globalization.CultureInfo.InvariantCulture);
        var page = new JsonObject { ["accounts"] = new JsonArray([.. Accounts.Skip(skip).Take(2).Select(account => account.DeepClone())]) };
        if (Accounts.Count > skip + 2)
        {
            page["next"] = $"{skip + 2}";
        }

        return page;
    }
}
