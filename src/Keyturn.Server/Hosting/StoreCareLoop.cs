using Keyturn.Checks;
using Keyturn.Storage;
using Keyturn.Storage.Care;

namespace Keyturn.Server.Hosting;

/// <summary>Keeps time for what the store needs beside resets: restored accounts are verified, old versions and resets taken away, keys of other nodes read.</summary>
internal sealed class StoreCareLoop(RestoredAccounts restored, Store store, ServerOptions options, TimeProvider clock, ILogger<StoreCareLoop> logger) : BackgroundService
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CareInterval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(
            EveryAsync(ProbeInterval, () => restored.RunDueAsync(stoppingToken), stoppingToken),
            EveryAsync(CareInterval, () => CareAsync(stoppingToken), stoppingToken));

    private async Task CareAsync(CancellationToken cancel)
    {
        await store.Keys.RefreshAsync();
        var pruned = await store.Retention.RunAsync(new RetentionRules(options.KeptVersions, options.KeptResets), cancel);
        if (pruned != new Pruned(0, 0))
        {
            ServerLog.Pruned(logger, pruned.Versions, pruned.Resets);
        }
    }

    private Task EveryAsync(TimeSpan interval, Func<Task> pass, CancellationToken stopping) =>
        Periodic.RunAsync(interval, pass, error => ServerLog.StoreCareFailed(logger, error), clock, stopping);
}
