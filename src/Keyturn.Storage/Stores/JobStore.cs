using Keyturn.Jobs;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Jobs. Nobody needs an old one: each new one takes them away.</summary>
internal sealed class JobStore(IStoreDatabase database) : IJobStore
{
    public async ValueTask AddAsync(Job job, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session =>
        {
            await JobRows.DeleteOlderThanAsync(session, await session.NowAsync() - Job.Kept);
            await JobRows.InsertAsync(session, job);
        });
    }

    public ValueTask<Job?> FindAsync(Guid projectId, Guid jobId, CancellationToken cancel) =>
        database.ReadAsync(session => JobRows.FindAsync(session, projectId, jobId), cancel);
}
