using Keyturn.Jobs;

namespace Keyturn.Storage.Sqlite;

/// <summary>Jobs. Nobody needs an old one: each new one takes them away.</summary>
internal sealed class SqliteJobStore(SqliteWriter writer, SqliteReaders readers, TimeProvider clock) : IJobStore
{
    public async ValueTask AddAsync(Job job, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await writer.WriteAsync(Durability.Committed, session =>
        {
            JobRows.DeleteOlderThan(session, clock.GetUtcNow() - Job.Kept);
            JobRows.Insert(session, job);
        });
    }

    public ValueTask<Job?> FindAsync(Guid projectId, Guid jobId, CancellationToken cancel) =>
        readers.ReadAsync(session => JobRows.Find(session, projectId, jobId), cancel);
}
