using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>The audit log: a table that only grows.</summary>
internal sealed class AuditLog(IStoreDatabase database) : IAuditLog
{
    public ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel) => AppendAsync(Durability.Committed, entry, cancel);

    public ValueTask AppendSyncedAsync(AuditEntry entry, CancellationToken cancel) => AppendAsync(Durability.Synced, entry, cancel);

    private async ValueTask AppendAsync(Durability durability, AuditEntry entry, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(durability, async session => await AuditRows.AppendAsync(session, await InProjectAsync(session, entry), await session.NowAsync()));
    }

    public async ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, AuditFilter filter, CancellationToken cancel) =>
        await database.ReadAsync(session => AuditRows.ListAsync(session, projectId, filter), cancel);

    /// <summary>What is of no project (nobody knows who called) is in the log of the first one, for somebody has to see it.</summary>
    private static async ValueTask<AuditEntry> InProjectAsync(StoreSession session, AuditEntry entry) =>
        entry.Caller.ProjectId == Guid.Empty && await ProjectRows.FindFirstIdAsync(session) is { } first
            ? entry with { Caller = entry.Caller with { ProjectId = first } }
            : entry;
}
