using System.Runtime.InteropServices;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Exchanging the master key of a running server: it reads the key's file again when the file has changed, and at once on SIGHUP, which a server that was
/// started under nohup never gets. A store in a file has no other user, and is wrapped by the new key at once; of one that nodes share nobody here knows
/// whether all of them have the new key.
/// </summary>
internal sealed class MasterKeyReload(Store store, ServerOptions options, TimeProvider clock, ILogger<MasterKeyReload> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1);
    private PosixSignalRegistration? _signal;
    private FileStamp _seen;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
        {
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        }

        _seen = FileStamp.Of(options.MasterKeyPath);
        await RewrapAsync();
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _signal?.Dispose();
        _reading.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodic.RunAsync(Interval, ReloadChangedAsync, error => ServerLog.MasterKeyNotRead(logger, error), clock, stoppingToken);

    private void OnSignal(PosixSignalContext context)
    {
        // Else the process would end.
        context.Cancel = true;
        _ = Task.Run(ReloadAsync);
    }

    /// <summary>A file that could not be read is tried again when it has changed once more.</summary>
    private Task ReloadChangedAsync() => FileStamp.Of(options.MasterKeyPath) == _seen ? Task.CompletedTask : ReloadAsync();

    private async Task ReloadAsync()
    {
        await _reading.WaitAsync();
        try
        {
            // Before it is read: what is written after that is seen the next time.
            _seen = FileStamp.Of(options.MasterKeyPath);
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
        finally
        {
            _reading.Release();
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
