namespace Keyturn.Server;

/// <summary>A running server: both doors, the reconciler, the store.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private ServerHost()
    {
    }

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<Uri> Addresses => throw new NotSupportedException();

    /// <summary>Opens the store, starts to listen, and begins the first recovery pass.</summary>
    /// <exception cref="ArgumentException"><see cref="ServerOptions.Problems"/> has some.</exception>
    /// <exception cref="InvalidOperationException">The store or its master key is not usable: the message says why.</exception>
    /// <exception cref="IOException">An address is in use, or a certificate cannot be read.</exception>
    public static Task<ServerHost> StartAsync(ServerOptions options, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Serves until the process is told to stop (SIGINT, SIGTERM) or <paramref name="cancel"/> is; then stops gracefully.</summary>
    public Task RunUntilStoppedAsync(CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Stops: running resets are waited for within a bound, then the store is closed.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
