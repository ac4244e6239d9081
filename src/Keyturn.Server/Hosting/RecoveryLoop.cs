using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.Server.Hosting;

/// <summary>Keeps time for the domain, which starts no threads of its own: settles open resets, closes idle admin sessions.</summary>
internal sealed class RecoveryLoop(Reconciler reconciler, AdminSessions sessions, Readiness readiness, TimeProvider clock, ILogger<RecoveryLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(
            EveryAsync(Interval, () => RecoverAsync(stoppingToken), stoppingToken),
            EveryAsync(PruneInterval, () => sessions.PruneAsync().AsTask(), stoppingToken));

    private async Task RecoverAsync(CancellationToken stopping)
    {
        readiness.Set();
        await reconciler.RunDueAsync(stopping);
    }

    /// <summary>A store that cannot be read now may be readable in a second; nothing else would settle what is open.</summary>
    private Task EveryAsync(TimeSpan interval, Func<Task> pass, CancellationToken stopping) =>
        Periodic.RunAsync(interval, pass, error => ServerLog.RecoveryPassFailed(logger, error), clock, stopping);
}
