using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.Server.Hosting;

/// <summary>Keeps time for the domain, which starts no threads of its own: settles open resets, closes idle admin sessions.</summary>
internal sealed class RecoveryLoop(Reconciler reconciler, AdminSessions sessions, Readiness readiness, TimeProvider clock, ILogger<RecoveryLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(
            EveryAsync(Interval, async () => await reconciler.RunDueAsync(stoppingToken), stoppingToken),
            EveryAsync(PruneInterval, () => sessions.PruneAsync().AsTask(), stoppingToken));

    private async Task EveryAsync(TimeSpan interval, Func<Task> pass, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                readiness.Set();
                await RunAsync(pass, stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task RunAsync(Func<Task> pass, CancellationToken stopping)
    {
        try
        {
            await pass();
        }
        catch (Exception error) when (!stopping.IsCancellationRequested)
        {
            // A store that cannot be read now may be readable in a second; nothing else would settle what is open.
            ServerLog.RecoveryPassFailed(logger, error);
        }
    }
}
