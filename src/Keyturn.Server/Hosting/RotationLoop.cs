using Keyturn.Rotations;

namespace Keyturn.Server.Hosting;

/// <summary>Keeps time for schedules. Each node looks; which of them rotates an account, the store decides.</summary>
internal sealed class RotationLoop(Rotator rotator, TimeProvider clock, ILogger<RotationLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Periodic.RunAsync(
        Interval, () => rotator.RunDueAsync(stoppingToken), error => ServerLog.RotationPassFailed(logger, error), clock, stoppingToken);
}
