using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Rotations;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Schedules of accounts. Whoever writes one has its account locked, as whoever prepares or finishes a reset has.</summary>
internal sealed class ScheduleStore(IStoreDatabase database) : IScheduleStore
{
    public async ValueTask<RotationSchedule?> SetAsync(Guid accountId, int everyDays, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockAccountAsync(accountId);
            if (await AccountRows.FindAsync(session, accountId) is null)
            {
                return null;
            }

            if (await ScheduleRows.FindAsync(session, accountId) is { } present && present.EveryDays == everyDays)
            {
                return present;
            }

            var now = await session.NowAsync();
            await ScheduleRows.SetAsync(session, accountId, everyDays, now);
            await AuditRows.AppendAsync(session, audit, now);
            return await ScheduleRows.FindAsync(session, accountId);
        });
    }

    public async ValueTask<bool> ClearAsync(Guid accountId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockAccountAsync(accountId);
            if (!await ScheduleRows.ClearAsync(session, accountId))
            {
                return false;
            }

            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return true;
        });
    }

    public ValueTask<RotationSchedule?> FindAsync(Guid accountId, CancellationToken cancel) =>
        database.ReadAsync(session => ScheduleRows.FindAsync(session, accountId), cancel);

    public async ValueTask<IReadOnlyList<RotationSchedule>> ListAsync(Guid instanceId, CancellationToken cancel) =>
        await database.ReadAsync(session => ScheduleRows.ListAsync(session, instanceId), cancel);

    public ValueTask<IReadOnlyDictionary<Guid, int>> CountFailingAsync(Guid projectId, CancellationToken cancel) =>
        database.ReadAsync(session => ScheduleRows.CountFailingAsync(session, projectId), cancel);

    public async ValueTask<DueRotations> ListDueAsync(int limit, CancellationToken cancel) => await database.ReadAsync(
        async session =>
        {
            var now = await session.NowAsync();
            return new DueRotations(now, await ScheduleRows.ListDueAsync(session, limit, now));
        },
        cancel);

    /// <summary>Not synced: whoever else takes it after a fail-over is kept from preparing it twice by its due time.</summary>
    public async ValueTask<bool> TryTakeAsync(RotationSchedule due, TimeSpan lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Committed, async session =>
            await session.TryLockAccountAsync(due.AccountId) && await ScheduleRows.TryTakeAsync(session, due, await session.NowAsync(), lease));
    }

    public async ValueTask FailAsync(RotationSchedule due, Failure failure, Guid? resetId, TimeSpan pause, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session =>
        {
            await session.LockAccountAsync(due.AccountId);
            var now = await session.NowAsync();
            await ScheduleRows.FailAsync(session, due, new RotationFailure(now, failure, resetId), now + pause);
        });
    }
}
