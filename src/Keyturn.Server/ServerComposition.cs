using System.Text.Json.Serialization;
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Rotations;
using Keyturn.Server.Access;
using Keyturn.Server.Api;
using Keyturn.Server.Dialects.Ddm;
using Keyturn.Server.Dialects.Dds;
using Keyturn.Server.Dialects.DigitalOcean;
using Keyturn.Server.Dialects.GaussDb;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Dialects.Upstash;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;
using Keyturn.Sessions;
using Keyturn.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Keyturn.Server;

/// <summary>How the program is put together: everything that is registered, and the order in which a request passes.</summary>
internal static class ServerComposition
{
    /// <summary>Longer than a reset's own limits together, so that a graceful stop cuts none off.</summary>
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(40);

    public static WebApplication Build(ServerOptions options, Store store, EngineCatalog engines, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "keyturn" });
        var certificate = new ShownCertificate(options, clock);
        builder.WebHost.Listen(options, certificate);
        builder.Logging.AddServerLog(options);
        builder.Services.AddSingleton(options).AddSingleton(certificate).AddSingleton(clock).AddSingleton(engines).AddStore(store).AddDomain().AddDoors();

        var app = builder.Build();
        app.UsePipeline();
        app.MapDoors();
        return app;
    }

    private static void AddServerLog(this ILoggingBuilder logging, ServerOptions options)
    {
        logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Warning);

        // The framework logs under the names of our handlers that a caller was refused, twice: the request log has that.
        foreach (var handler in new[] { typeof(BearerHandler), typeof(UpstashHandler), typeof(HuaweiHandler) })
        {
            logging.AddFilter(handler.FullName, LogLevel.Warning);
        }

        // A start that fails is told by whoever started it, in one line; the host would tell it first, with a trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (options.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "O"));
        }
        else
        {
            logging.AddSimpleConsole(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "HH:mm:ss.fff "));
        }
    }

    private static IServiceCollection AddStore(this IServiceCollection services, Store store) => services
        .AddSingleton(store)
        .AddSingleton(store.Instances)
        .AddSingleton(store.Secrets)
        .AddSingleton(store.Resets)
        .AddSingleton(store.Audit)
        .AddSingleton(store.Jobs)
        .AddSingleton(store.Schedules)
        .AddSingleton(store.Principals)
        .AddSingleton(store.Policies)
        .AddSingleton(store.Guesses);

    private static IServiceCollection AddDomain(this IServiceCollection services) => services
        .AddSingleton(DebugPause.FromEnvironment())
        .AddSingleton<AdminSessions>()
        .AddSingleton<AccountQueue>()
        .AddSingleton<ResetReplay>()
        .AddSingleton<Reconciler>()
        .AddSingleton<Resetter>()
        .AddSingleton<OldPasswords>()
        .AddSingleton<OldSessions>()
        .AddSingleton<NodeJoin>()
        .AddSingleton<ReplicaWait>()
        .AddSingleton<Registrar>()
        .AddSingleton<Roster>()
        .AddSingleton<Importer>()
        .AddSingleton<GuessLimits>()
        .AddSingleton<FailedLogins>()
        .AddSingleton<Checker>()
        .AddSingleton<Adopter>()
        .AddSingleton<Verifier>()
        .AddSingleton<RestoredAccounts>()
        .AddSingleton<Scheduler>()
        .AddSingleton<Rotator>()
        .AddSingleton<SecretReader>()
        .AddSingleton<JobReader>()
        .AddSingleton<PrincipalRegistrar>()
        .AddSingleton<PolicyRegistrar>()
        .AddSingleton<CallerPermissions>()
        .AddSingleton<Readiness>()
        .AddHostedService<RecoveryLoop>()
        .AddHostedService<MasterKeyReload>()
        .AddHostedService<CertificateReload>()
        .AddHostedService<StoreCareLoop>()
        .AddHostedService<RotationLoop>()
        .AddHostedService<AuditLoop>();

    private static void AddDoors(this IServiceCollection services)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownLimit);
        services.AddRoutingCore();
        services.AddDoorAuthentication()
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, UpstashHandler>(UpstashHandler.SchemeName, configureOptions: null);
        services.AddAuthorization(authorization => authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.ConfigureHttpJsonOptions(json =>
        {
            foreach (var converter in ApiJson.Default.Options.Converters)
            {
                json.SerializerOptions.Converters.Add(converter);
            }

            // The web's default would let numbers come as strings, which the doors refuse, and the document say so.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.PropertyNamingPolicy = ApiJson.Default.Options.PropertyNamingPolicy;
            json.SerializerOptions.DefaultIgnoreCondition = ApiJson.Default.Options.DefaultIgnoreCondition;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, DigitalOceanJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(2, UpstashJson.Default);
        });
        services.AddSingleton<SignInPasswords>().AddSingleton<CredentialIssuer>().AddSingleton<RefusedRows>().AddSingleton<FailedAuthentications>();
        services.AddSingleton<DigitalOceanRateLimit>().AddSingleton<DigitalOceanClusters>().AddSingleton<DigitalOceanUsers>();
        services.AddSingleton<UpstashDatabases>().AddSingleton<UpstashRestToken>();
        services.AddSingleton<GaussDbInstances>().AddSingleton<GaussDbAccounts>().AddSingleton<DbUserJobs>();
        services.AddSingleton<DdmUsers>();
        services.AddHuawei();
        services.AddApiDescription();
        services.AddRequestRate();
    }

    private static void UsePipeline(this WebApplication app)
    {
        app.UseRawPath();
        app.UseDoors();
        app.UseSecurityHeaders();
        app.UseHsts();
        app.UseMiddleware<RequestLog>();
        app.UseDoorErrors();
        app.UseMiddleware<Errors>();
        app.UseApiPage();
        app.UseRouting();
        app.UseMiddleware<AuthenticationAudit>();
        app.UseAuthentication();
        app.UseDigitalOceanRateLimitHeaders();
        app.UseRateLimiter();
        app.UseDigitalOceanRateLimit();
        app.UseAuthorization();
        app.UseMiddleware<AccessCheck>();
        app.UseMiddleware<Delivery>();
    }

    private static void MapDoors(this WebApplication app)
    {
        app.MapGet("/health/live", () => TypedResults.Text("live")).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        app.MapGet("/health/ready", async (Readiness readiness) => await readiness.ObstacleAsync() is { } obstacle ? TypedResults.Text(obstacle, statusCode: 503) : TypedResults.Text("ready"))
            .AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        app.MapApiDescription();
        app.MapApi();
        app.MapDigitalOcean();
        app.MapUpstash();
        app.MapHuaweiIam();
        app.MapGaussDb();
        app.MapDdm();
        app.MapDds();
    }
}
