using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>The audit log: a table that only grows.</summary>
internal sealed class AuditLog(IStoreDatabase database) : IAuditLog
{
    public async ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session => await AuditRows.AppendAsync(session, entry, await session.NowAsync()));
    }

    public async ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, int limit, CancellationToken cancel) =>
        await database.ReadAsync(session => AuditRows.ListAsync(session, projectId, limit), cancel);
}
