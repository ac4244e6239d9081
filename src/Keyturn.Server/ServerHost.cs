using System.Net.Sockets;
using Keyturn.Engines;
using Keyturn.Resets;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Keyturn.Wire;

namespace Keyturn.Server;

/// <summary>A running server: its doors, the reconciler, and the store.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly OtlpExport? _export;
    private readonly Store _store;

    private ServerHost(WebApplication app, OtlpExport? export, Store store) => (_app, _export, _store) = (app, export, store);

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Urls.Select(url => new Uri(url))];

    /// <summary>Which door answers where, a line for each.</summary>
    public IReadOnlyList<string> Doors => [.. _app.Services.GetRequiredService<DoorAddresses>().Describe()];

    /// <summary>All routes, of which tests look at what they require.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Opens the store, starts to listen, and begins the first recovery pass.</summary>
    /// <exception cref="ArgumentException"><see cref="ServerOptions.Problems"/> has some.</exception>
    /// <exception cref="StoreException">The store or its master key cannot be used; the message says why.</exception>
    /// <exception cref="IOException">An address is in use, not this machine's or not permitted, a certificate cannot be read, or core dumps cannot be forbidden.</exception>
    public static async Task<ServerHost> StartAsync(ServerOptions options, CancellationToken cancel)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems.Select(problem => problem.Sentence)), nameof(options));
        }

        if (!options.AllowCoreDumps)
        {
            CoreDumps.Forbid();
        }

        AppContext.SetSwitch(PeerAddress.AllowSwitch, options.AllowLinkLocal);
        var clock = TimeProvider.System;
        var masterKeys = await MasterKeys.FindAsync(options.MasterKeyPath, cancel)
            ?? throw new StoreException(StoreFault.MasterKey, $"There is no master key: name its file, or set {MasterKey.EnvironmentVariable}.");
        var store = await Store.OpenAsync(options.Store, masterKeys, clock, options.AllowAsynchronousStore);
        return await StartAsync(options, store, EngineList.All(clock), clock, cancel);
    }

    /// <summary>Starts on a store that is open already; it is closed with the server, also with one that did not come up.</summary>
    internal static async Task<ServerHost> StartAsync(
        ServerOptions options, Store store, IReadOnlyList<IEngine> engines, TimeProvider clock, CancellationToken cancel)
    {
        WebApplication? app = null;
        try
        {
            app = ServerComposition.Build(options, store, new EngineCatalog(engines), clock);
            await app.StartAsync(cancel);
            var host = new ServerHost(app, OtlpExport.FromEnvironment(), store);
            host.LogAddresses(options);
            return host;
        }
        catch (Exception fault)
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            await store.DisposeAsync();
            if (fault is SocketException refused)
            {
                throw new IOException($"Cannot listen on {string.Join(", ", ServerOptionsRules.Listeners(options))}: {refused.Message}.", refused);
            }

            throw;
        }
    }

    /// <summary>Serves until the process is told to stop (SIGINT, SIGTERM) or <paramref name="cancel"/> is; then stops gracefully.</summary>
    public Task RunUntilStoppedAsync(CancellationToken cancel) => _app.WaitForShutdownAsync(cancel);

    /// <summary>Stops: running requests, and resets whose callers hung up, are waited for within a bound; then the store is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await WaitForResetsAsync();
        await _app.DisposeAsync();
        _export?.Dispose();
        await _store.DisposeAsync();
    }

    private async Task WaitForResetsAsync()
    {
        try
        {
            await _app.Services.GetRequiredService<Resetter>().WhenIdleAsync().WaitAsync(Resetter.Lease, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            ServerLog.ResetsStillRunning(_app.Logger);
        }
    }

    private void LogAddresses(ServerOptions options)
    {
        foreach (var address in Addresses)
        {
            ServerLog.Listening(_app.Logger, address);
        }

        if (options.CertificatePath is null && Addresses.Any(address => address.Scheme == Uri.UriSchemeHttps))
        {
            ServerLog.DevelopmentCertificate(_app.Logger, ServerCertificate.DevelopmentPath(options));
        }
    }
}
