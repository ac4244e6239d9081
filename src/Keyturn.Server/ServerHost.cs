using Keyturn.Engines;
using Keyturn.Server.Hosting;

namespace Keyturn.Server;

/// <summary>A running server: its doors, the reconciler, and the store.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly OtlpExport? _export;
    private readonly IAsyncDisposable? _store;

    private ServerHost(WebApplication app, OtlpExport? export, IAsyncDisposable? store) => (_app, _export, _store) = (app, export, store);

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Urls.Select(url => new Uri(url))];

    /// <summary>Opens the store, starts to listen, and begins the first recovery pass.</summary>
    /// <exception cref="ArgumentException"><see cref="ServerOptions.Problems"/> has some.</exception>
    /// <exception cref="IOException">An address is in use, or a certificate cannot be read.</exception>
    public static Task<ServerHost> StartAsync(ServerOptions options, CancellationToken cancel)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems.Select(problem => problem.Sentence)), nameof(options));
        }

        throw new NotSupportedException("The store is not there yet.");
    }

    internal static async Task<ServerHost> StartAsync(
        ServerOptions options, Stores stores, IAsyncDisposable? store, IEnumerable<IEngine> engines, CancellationToken cancel)
    {
        var export = OtlpExport.FromEnvironment();
        var app = ServerComposition.Build(options, stores, new EngineCatalog(engines), TimeProvider.System);
        var host = new ServerHost(app, export, store);
        await app.StartAsync(cancel);
        host.LogAddresses(options);
        return host;
    }

    /// <summary>Serves until the process is told to stop (SIGINT, SIGTERM) or <paramref name="cancel"/> is; then stops gracefully.</summary>
    public Task RunUntilStoppedAsync(CancellationToken cancel) => _app.WaitForShutdownAsync(cancel);

    /// <summary>Stops: running requests are waited for within a bound, then the store is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _export?.Dispose();
        await (_store?.DisposeAsync() ?? ValueTask.CompletedTask);
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
