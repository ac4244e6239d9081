using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Microsoft.Data.Sqlite;

namespace Keyturn.Bench;

/// <summary>A Keyturn with instances on real servers, an account on each, and two callers who may not know of them: another project's, and one whose policy leaves them out.</summary>
internal sealed class TimingWorld : IAsyncDisposable
{
    private const string Known = "timing_known";
    private const string Unknown = "timing_absent";
    private const string StrangersToken = "kt_timing-of-the-other-project";

    /// <summary>Refused like any wrong one, and as long as the rules of DDS have it.</summary>
    private const string WrongPassword = "Wr0ng-pa55word_";

    private readonly KeyturnProcess _keyturn;
    private readonly KeyturnStore _store;
    private readonly string _project;
    private readonly Dictionary<string, Guid> _instances = [];

    private TimingWorld(KeyturnProcess keyturn, KeyturnStore store, string project) => (_keyturn, _store, _project) = (keyturn, store, project);

    public static async Task<TimingWorld> StartAsync(KeyturnStore store, IReadOnlyDictionary<string, BenchServer> servers, string caPem)
    {
        await AddOtherProjectAsync(store);
        var keyturn = await KeyturnProcess.StartAsync(store);
        var world = new TimingWorld(keyturn, store, (await ReadAsync(await keyturn.Http.GetAsync(new Uri("/api/v1/project", UriKind.Relative))))["id"]!.GetValue<string>());
        foreach (var (name, server) in servers)
        {
            await Product.RegisterAsync(keyturn.Http, name, server, caPem);
            world._instances[name] = await Product.InstanceIdAsync(keyturn.Http, name);
            using var made = await keyturn.Http.PostAsJsonAsync($"/api/v1/instances/{name}/accounts", new JsonObject { ["user"] = Known });
            await ReadAsync(made);
        }

        return world;
    }

    /// <summary>Checks with a wrong password: of an account that is there, and of one that is not.</summary>
    public IEnumerable<TimingPair> Checks() => _instances.Keys.Select(name => new TimingPair(name, "check: account with a wrong password / no such account", () => CheckAsync(name, Known), () => CheckAsync(name, Unknown)));

    /// <summary>Reads of an instance that the caller may not know of, and of one that there is not, at each door.</summary>
    public async Task<IReadOnlyList<TimingPair>> HiddenInstancesAsync(Visitor visitor)
    {
        var (headers, project) = await SignInAsync(visitor);
        var (sql, redis) = (_instances.First(one => !one.Key.StartsWith("redis", StringComparison.Ordinal)).Value, _instances.First(one => one.Key.StartsWith("redis", StringComparison.Ordinal)).Value);
        var tenant = Guid.Parse(project).ToString("N");
        var name = _instances.First(one => one.Value == sql).Key;
        (string Door, Guid Instance, Func<Guid, string> Path)[] doors =
        [
            ("native", sql, id => $"/api/v1/instances/{id}"),
            ("digitalocean", sql, id => $"/v2/databases/{id}"),
            ("upstash", redis, id => $"/v2/redis/database/{id}"),
            ("gaussdb", sql, id => $"/mysql/v3/{tenant}/instances/{id:N}in07"),
            ("ddm", sql, id => $"/v1/{tenant}/instances/{id:N}in09"),
            ("dds", sql, id => $"/v3/{tenant}/instances/{id:N}in02/tags"),
        ];
        return
        [
            .. doors.Select(door => new TimingPair(
                door.Door, $"{visitor.Name}: an instance that it may not know of / none",
                () => GetAsync(headers.GetValueOrDefault(door.Door, headers["huawei"]), door.Path(door.Instance)),
                () => GetAsync(headers.GetValueOrDefault(door.Door, headers["huawei"]), door.Path(Guid.NewGuid())))),
            new(
                "native", $"{visitor.Name}: a name that it may not know of / none",
                () => GetAsync(headers["native"], $"/api/v1/instances/{name}"),
                () => GetAsync(headers["native"], $"/api/v1/instances/{new string('x', name.Length)}")),
        ];
    }

    /// <summary>Sign-ins with a wrong password. Each takes a core some tenths of a second, whoever is named.</summary>
    public async Task<IReadOnlyList<TimingPair>> SignInsAsync()
    {
        await ReadAsync(await _keyturn.Http.PostAsJsonAsync("/api/v1/principals", new JsonObject { ["name"] = Known }));
        await ReadAsync(await _keyturn.Http.PostAsJsonAsync($"/api/v1/principals/{Known}/credentials", new JsonObject { ["kind"] = "password" }));
        var domain = (await ReadAsync(await _keyturn.Http.GetAsync(new Uri("/api/v1/project", UriKind.Relative))))["name"]!.GetValue<string>();
        return
        [
            new("iam", "sign-in: user with a wrong password / no such user", () => SignInAsync(Known, domain), () => SignInAsync(Unknown, domain), Every: 4),
            new("iam", "sign-in: user with a wrong password / no such account", () => SignInAsync(Known, domain), () => SignInAsync(Known, domain + "x"), Every: 4),
        ];
    }

    /// <summary>Behind the server's back: what it counts would make the next wrong password wait.</summary>
    public async Task ForgetGuessesAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={_store.StorePath};Pooling=False");
        await connection.OpenAsync();
        await using var command = new SqliteCommand("PRAGMA busy_timeout = 10000; DELETE FROM guesses", connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _instances.Keys)
        {
            using var dropped = await _keyturn.Http.DeleteAsync(new Uri($"/api/v1/instances/{name}/accounts/{Known}", UriKind.Relative));
        }

        await _keyturn.DisposeAsync();
    }

    private async Task<TimedAnswer> CheckAsync(string instance, string user)
    {
        using var response = await _keyturn.Http.PostAsJsonAsync($"/api/v1/instances/{instance}/accounts/{user}/check", new JsonObject { ["password"] = WrongPassword });
        var text = await response.Content.ReadAsStringAsync();
        return new TimedAnswer((int)response.StatusCode, text.Replace(user, "", StringComparison.Ordinal).Length);
    }

    private async Task<TimedAnswer> GetAsync(AuthenticationHeaderValue authorization, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization.Scheme == "X-Auth-Token")
        {
            request.Headers.Add(authorization.Scheme, authorization.Parameter);
        }

        request.Headers.Authorization = authorization.Scheme == "X-Auth-Token" ? null : authorization;
        return await SendAsync(request);
    }

    private async Task<TimedAnswer> SignInAsync(string user, string domain)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/auth/tokens") { Content = JsonContent.Create(Identity(user, domain, WrongPassword)) };
        return await SendAsync(request);
    }

    private async Task<TimedAnswer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Nobody.SendAsync(request);
        return new TimedAnswer((int)response.StatusCode, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    private HttpClient Nobody => field ??= new HttpClient { BaseAddress = _keyturn.Http.BaseAddress };

    /// <summary>Header values for each kind of door, and the caller's project.</summary>
    private async Task<(Dictionary<string, AuthenticationHeaderValue> Headers, string Project)> SignInAsync(Visitor visitor)
    {
        using var administrator = new HttpClient { BaseAddress = _keyturn.Http.BaseAddress };
        administrator.DefaultRequestHeaders.Authorization = visitor.IsOfOtherProject ? new AuthenticationHeaderValue("Bearer", StrangersToken) : _keyturn.Http.DefaultRequestHeaders.Authorization;
        var name = visitor.IsOfOtherProject ? "timing-stranger" : "timing-limited";
        await ReadAsync(await administrator.PostAsJsonAsync("/api/v1/principals", new JsonObject { ["name"] = name, ["email"] = $"{name}@example.com", ["owner"] = visitor.IsOfOtherProject }));
        if (!visitor.IsOfOtherProject)
        {
            var document = JsonNode.Parse("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:EnterpriseProjectId":["of-nobody"]}}}]}""");
            await ReadAsync(await administrator.PostAsJsonAsync("/api/v1/policies", new JsonObject { ["name"] = name, ["document"] = document }));
            await ReadAsync(await administrator.PutAsync(new Uri($"/api/v1/policies/{name}/principals/{name}", UriKind.Relative), content: null));
        }

        async Task<string> CredentialAsync(string kind) =>
            (await ReadAsync(await administrator.PostAsJsonAsync($"/api/v1/principals/{name}/credentials", new JsonObject { ["kind"] = kind })))["secret"]!.GetValue<string>();

        var project = await ReadAsync(await administrator.GetAsync(new Uri("/api/v1/project", UriKind.Relative)));
        var bearer = new AuthenticationHeaderValue("Bearer", await CredentialAsync("token"));
        var basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}@example.com:{await CredentialAsync("email-key")}")));
        var identity = Identity(name, project["name"]!.GetValue<string>(), await CredentialAsync("password"));
        identity["auth"]!["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = project["region"]!.GetValue<string>() } };
        using var session = await administrator.PostAsJsonAsync("/v3/auth/tokens", identity);
        var huawei = new AuthenticationHeaderValue("X-Auth-Token", session.Headers.GetValues("X-Subject-Token").Single());
        return (new() { ["native"] = bearer, ["digitalocean"] = bearer, ["upstash"] = basic, ["huawei"] = huawei }, project["id"]!.GetValue<string>());
    }

    private static JsonObject Identity(string user, string domain, string password) => new()
    {
        ["auth"] = new JsonObject
        {
            ["identity"] = new JsonObject
            {
                ["methods"] = new JsonArray("password"),
                ["password"] = new JsonObject { ["user"] = new JsonObject { ["name"] = user, ["password"] = password, ["domain"] = new JsonObject { ["name"] = domain } } },
            },
        },
    };

    private static async Task AddOtherProjectAsync(KeyturnStore files)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var store = await Store.OpenAsync(files.StorePath, await MasterKeyFile.ReadAsync(files.MasterKeyPath, CancellationToken.None), TimeProvider.System);
        var project = new Project(Guid.NewGuid(), "timing-other", "default", now);
        var principal = new Principal(Guid.NewGuid(), project.Id, "owner", now) { IsOwner = true };
        await store.Principals.AddProjectAsync(project, CancellationToken.None);
        await store.Principals.AddAsync(principal, audit: null, CancellationToken.None);
        await store.Principals.AddCredentialAsync(
            new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Token, "timing", now), new CredentialMaterial(SHA256.HashData(Encoding.UTF8.GetBytes(StrangersToken))), audit: null, CancellationToken.None);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return !response.IsSuccessStatusCode ? throw new InvalidOperationException($"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {text}")
            : text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}

/// <summary>Who may not know of the instances.</summary>
internal sealed record Visitor(string Name, bool IsOfOtherProject);
