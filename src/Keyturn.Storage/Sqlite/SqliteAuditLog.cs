using Keyturn.Audit;

namespace Keyturn.Storage.Sqlite;

/// <summary>The audit log: a table that only grows.</summary>
internal sealed class SqliteAuditLog(SqliteWriter writer, SqliteReaders readers, TimeProvider clock) : IAuditLog
{
    public async ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await writer.WriteAsync(Durability.Committed, session => AuditRows.Append(session, entry, clock.GetUtcNow()));
    }

    public async ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, int limit, CancellationToken cancel) =>
        await readers.ReadAsync(session => AuditRows.List(session, projectId, limit), cancel);
}
