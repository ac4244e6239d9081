using System.Net;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>
/// A listener as a service's door has it: authentication, the check of the project and the gateway's errors around routes that only answer who
/// called and with what body. On Kestrel and a real store; its clock stands still.
/// </summary>
internal sealed class HuaweiTestServer : IAsyncDisposable
{
    private static readonly Door Service = HuaweiDoors.Of("test", HuaweiService.None, "/");

    private readonly DirectoryInfo _folder;
    private readonly Store _store;
    private readonly WebApplication _app;

    private HuaweiTestServer(DirectoryInfo folder, Store store, StandingClock clock, WebApplication app)
    {
        (_folder, _store, Clock, _app) = (folder, store, clock, app);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public StandingClock Clock { get; }

    public HttpClient Client { get; }

    public IPrincipalStore Principals => _store.Principals;

    public static async Task<HuaweiTestServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("keyturn-huawei-");
        var clock = new StandingClock();
        var store = await Store.CreateAsync(Path.Combine(folder.FullName, "keyturn.db"), new MasterKeys(MasterKey.Generate()), clock);
        var app = Build(store, clock);
        await app.StartAsync();
        return new HuaweiTestServer(folder, store, clock, app);
    }

    /// <summary>A principal in a project of its own.</summary>
    public async Task<Principal> AddPrincipalAsync(string name, Guid projectId)
    {
        var principal = new Principal(Guid.NewGuid(), projectId, name, Clock.GetUtcNow()) { IsOwner = true };
        (await Principals.AddProjectAsync(new Project(projectId, $"account-of-{name}", "eu-de", Clock.GetUtcNow()), default)).ShouldBeTrue();
        (await Principals.AddAsync(principal, audit: null, default)).ShouldBeTrue();
        return principal;
    }

    public async Task AddAccessKeyAsync(Principal principal, string accessKey, string secretKey, DateTimeOffset? expiresAt = null, Scopes? scopes = null) =>
        await Principals.AddCredentialAsync(
            new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.AccessKey, "test", Clock.GetUtcNow())
            {
                PublicId = accessKey,
                ExpiresAt = expiresAt,
                Scopes = scopes ?? Scopes.All,
            },
            new CredentialMaterial(default, new Secret(secretKey)),
            audit: null,
            default);

    public async Task<PrincipalCredential> AddSessionAsync(Principal principal, string token, string scope, DateTimeOffset expiresAt)
    {
        var session = new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Session, "password", Clock.GetUtcNow()) { PublicId = scope, ExpiresAt = expiresAt };
        await Principals.AddCredentialAsync(session, new CredentialMaterial(SHA256.HashData(Encoding.UTF8.GetBytes(token))), audit: null, default);
        return session;
    }

    /// <summary>A request whose path and headers go out exactly as they are written here.</summary>
    public HttpRequestMessage Request(HttpMethod method, string target, IEnumerable<KeyValuePair<string, string>> headers, string body = "")
    {
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(method, new Uri($"{Client.BaseAddress!.GetLeftPart(UriPartial.Authority)}{target}", exactly))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        foreach (var (name, value) in headers)
        {
            (request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value)).ShouldBeTrue();
        }

        // See RunningServer.
        request.Headers.ExpectContinue = body.Length > 1 << 20;
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static WebApplication Build(Store store, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port: 0);
            kestrel.Limits.MaxRequestBodySize = Listening.MaxBodyBytes;
        });
        builder.Services.AddSingleton(clock).AddSingleton(store.Principals).AddSingleton(store.Audit).AddSingleton<SignInPasswords>().AddSingleton<RefusedRows>().AddSingleton<FailedAuthentications>()
            .AddSingleton(new DoorAddresses(new ServerOptions { Store = "" }));
        builder.Services.AddRoutingCore().AddAuthorization(rules => rules.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()).AddAuthentication(HuaweiHandler.SchemeName);
        builder.Services.AddHuawei();

        var app = builder.Build();
        app.UseRawPath();
        app.Use((http, next) =>
        {
            http.Features.Set(HuaweiIamDialect.Door.IsAskedBy(http.Request) ? HuaweiIamDialect.Door : Service);
            return next(http);
        });
        app.UseSecurityHeaders();
        app.UseDoorErrors();
        app.UseMiddleware<Errors>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHuaweiIam();
        app.MapGet("/resources", Echo);
        app.MapPost("/resources", Echo);
        foreach (var prefix in new[] { "/mysql/v3", "/v2", "/v3" })
        {
            var service = app.MapGroup(prefix + "/{project_id}").RequireProject(http => HuaweiErrors.Answer(http, 403, "TEST.0403", "Not your project."));
            service.MapGet("/instances/{**rest}", Echo);
            service.MapPost("/instances/{**rest}", Echo);
            service.MapGet("/broken", string () => throw new InvalidOperationException("A bug."));
        }

        return app;
    }

    private static async Task<string> Echo(HttpContext http, CancellationToken cancel)
    {
        using var body = new StreamReader(http.Request.Body);
        return $"{http.Caller().PrincipalName} {await body.ReadToEndAsync(cancel)}";
    }
}

/// <summary>A clock that is set by hand.</summary>
internal sealed class StandingClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
