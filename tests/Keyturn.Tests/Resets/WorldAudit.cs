using Keyturn.Audit;
using Keyturn.Storage;

namespace Keyturn.Tests.Resets;

/// <summary>The world's audit log, which may lose rows.</summary>
internal sealed class WorldAudit(IAuditLog log) : IAuditLog
{
    /// <summary>Those that cannot be written.</summary>
    public Predicate<AuditEntry> Fails { get; set; } = _ => false;

    public ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel) => Fails(entry) ? throw Full() : log.AppendAsync(entry, cancel);

    public ValueTask AppendSyncedAsync(AuditEntry entry, CancellationToken cancel) => Fails(entry) ? throw Full() : log.AppendSyncedAsync(entry, cancel);

    public ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, AuditFilter filter, CancellationToken cancel) => log.ListAsync(projectId, filter, cancel);

    /// <summary>What the log has of one action, the oldest first: the outcome, the account and the detail of each.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(Guid projectId, string action) =>
        [.. (await ListAsync(projectId, new AuditFilter(100) { Action = action, After = 0 }, default)).Select(row => $"{row.Entry.Outcome} {row.Entry.Account}: {row.Entry.Detail}")];

    private static StoreException Full() => new(StoreFault.DiskFull, "The disk is full.");
}
