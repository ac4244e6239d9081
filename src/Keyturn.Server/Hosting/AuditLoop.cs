using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Chain;

namespace Keyturn.Server.Hosting;

/// <summary>Each second: what the audit log has still to be told is written, and is on the disk.</summary>
internal sealed class AuditLoop(RefusedRows refused, Store store, TimeProvider clock, ILogger<AuditLoop> logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodic.RunAsync(ChainUpkeep.Interval, PassAsync, error => ServerLog.AuditNotFlushed(logger, error), clock, stoppingToken);

    private async Task PassAsync()
    {
        await refused.FlushAsync();
        await store.AuditChains.RunAsync();
    }

    private async Task FlushAsync()
    {
        try
        {
            await PassAsync();
        }
        catch (StoreException error)
        {
            ServerLog.AuditNotFlushed(logger, error);
        }
    }
}
