using System.Text;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Server;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Tests;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Microsoft.Extensions.Logging;

namespace Keyturn.Fuzz.Targets;

/// <summary>The real server and store in front of databases in memory, and what a caller of each door would hold.</summary>
internal sealed class FuzzedServer : IAsyncDisposable
{
    private const string SignInPassword = "S1gn-in-here";
    private readonly DirectoryInfo _folder;
    private readonly ServerHost _host;

    private FuzzedServer(DirectoryInfo folder, ServerHost host) => (_folder, _host) = (folder, host);

    public Uri Address => _host.Addresses[0];

    /// <summary>What inputs call the server's ids and credentials, without their braces, with what they are.</summary>
    public Dictionary<string, string> Names { get; } = [];

    public static async Task<FuzzedServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("keyturn-fuzz-");
        var path = Path.Combine(folder.FullName, "keyturn.db");
        var store = await Store.CreateAsync(path, new MasterKeys(MasterKey.Generate()), TimeProvider.System);
        var options = new ServerOptions { Store = path, Urls = ["http://127.0.0.1:0"], LogLevel = LogLevel.Error, DigitalOceanLimit = int.MaxValue };
        var server = new FuzzedServer(folder, await ServerHost.StartAsync(options, store, Databases(), TimeProvider.System, CancellationToken.None));
        await server.AddCallerAsync(store);
        await server.RegisterAsync();
        await server.RequireKnownAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static FakeEngine[] Databases()
    {
        FakeEngine[] engines =
        [
            new("postgresql"), new("mysql", EngineTraits.AccountHasPlugin | EngineTraits.AccountHasHost | EngineTraits.AccountHasRoles), new("redis"),
            new("mariadb", EngineTraits.AccountHasPlugin | EngineTraits.AccountHasHost), new("mongodb", EngineTraits.AccountHasAuthDatabase | EngineTraits.AccountHasRoles),
        ];
        foreach (var engine in engines)
        {
            engine.Passwords["app"] = engine.Passwords["root"] = engine.Passwords["default"] = engine.Passwords["rwuser"] = "before";
        }

        return engines;
    }

    private async Task AddCallerAsync(Store store)
    {
        var now = TimeProvider.System.GetUtcNow();
        var project = new Project(Guid.NewGuid(), "shop", "eu-de", now);
        var principal = new Principal(Guid.NewGuid(), project.Id, "operator", now) { IsOwner = true, Email = "ops@example.com" };
        await store.Principals.AddProjectAsync(project, CancellationToken.None);
        await store.Principals.AddAsync(principal, audit: null, CancellationToken.None);
        var (token, session, key) = (ApiToken.Generate(), SessionToken.Generate(), EmailKey.Generate());
        // First: a new password ends all sessions.
        await AddAsync(new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Password, "password", now) { Scopes = Scopes.All }, new SignInPasswords().Hash(new Secret(SignInPassword)));
        await AddAsync(new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Token, "token", now), ApiToken.Hash(token));
        await AddAsync(new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Session, "session", now) { PublicId = SessionToken.ProjectScope, Scopes = Scopes.All, ExpiresAt = now + SessionToken.Lifetime }, ApiToken.Hash(session));
        await AddAsync(new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.EmailKey, "key", now) { Scopes = Scopes.All }, EmailKey.Hash(key));
        (Names["project"], Names["user"], Names["signin"]) = ($"{project.Id:N}", $"{principal.Id:N}", SignInPassword);
        (Names["token"], Names["session"]) = (token.Reveal(), session.Reveal());
        Names["basic"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"ops@example.com:{key.Reveal()}"));

        async Task AddAsync(PrincipalCredential credential, byte[] hash) =>
            await store.Principals.AddCredentialAsync(credential, new CredentialMaterial(hash), audit: null, CancellationToken.None);
    }

    private async Task RegisterAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Names["token"]);
        foreach (var engine in (string[])["postgresql", "mysql", "redis", "mariadb", "mongodb"])
        {
            var body = $$"""{"name":"{{engine}}","engine":"{{engine}}","nodes":[{"host":"db.example","port":5432}],"admin":{"user":"admin","password":"Adm1n-Pa55word"},"is_clone":true}""";
            using var response = await client.PostAsync("/api/v1/instances", new StringContent(body, Encoding.UTF8, "application/json"));
            response.EnsureSuccessStatusCode();
            var id = Guid.Parse(response.Headers.Location!.OriginalString.Split('/')[^1]);

            // As Huawei writes ids, and as the others do.
            (Names[engine], Names[$"{engine}-uuid"]) = ($"{id:N}", $"{id:D}");
        }
    }

    /// <summary>Whom no door knows gets no further than 401, whatever the input is: the targets would fuzz nothing, and nobody would see.</summary>
    private async Task RequireKnownAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        foreach (var (path, header, value) in (List<(string, string, string)>)
            [
                ($"/mysql/v3/{Names["project"]}/instances/{Names["mariadb"]}in07", "X-Auth-Token", Names["session"]),
                ($"/v2/redis/database/{Names["redis-uuid"]}", "Authorization", $"Basic {Names["basic"]}"),
                ($"/v2/databases/{Names["mysql-uuid"]}/users", "Authorization", $"Bearer {Names["token"]}"),
            ])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }
    }
}
