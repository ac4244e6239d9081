using System.Runtime.InteropServices;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Exchanging the master key of a running server: on SIGHUP it reads the key's file again. A store in a file has no other user, and is wrapped by
/// the new key at once; of one that nodes share nobody here knows whether all of them have the new key.
/// </summary>
internal sealed class MasterKeyReload(Store store, ServerOptions options, ILogger<MasterKeyReload> logger) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _signal;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
        {
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        }

        await RewrapAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _signal?.Dispose();

    private void OnSignal(PosixSignalContext context)
    {
        // Else the process would end.
        context.Cancel = true;
        _ = Task.Run(ReloadAsync);
    }

    private async Task ReloadAsync()
    {
        try
        {
            if (await MasterKeys.FindAsync(options.MasterKeyPath, CancellationToken.None) is { } keys)
            {
                await store.Keys.UseAsync(keys);
                ServerLog.MasterKeyRead(logger, keys.Current, keys.Old is null ? "no old key" : $"old key {keys.Old}");
                await RewrapAsync();
            }
        }
        catch (Exception error)
        {
            ServerLog.MasterKeyNotRead(logger, error);
        }
    }

    private async Task RewrapAsync()
    {
        if (store.Kind == "sqlite" && store.Keys.HasOld && await store.Keys.RewrapAsync() is > 0 and var count)
        {
            ServerLog.Rewrapped(logger, count);
        }
    }
}
