using System.Text;
using Keyturn.Resets;

namespace Keyturn.Simulation.Store;

/// <summary>Resets in the store, as one process gets at them. What is synced here is what src/Keyturn.Storage syncs.</summary>
internal sealed class NodeResetStore(World world, KeyturnNode node, StoreLink link) : IResetStore
{
    public byte[] Digest(string request) => Encoding.UTF8.GetBytes(request);

    public async ValueTask<(Guid ResetId, bool SameRequest)?> FindByKeyAsync(
        Guid principalId, string operation, Guid accountId, string key, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var found = await link.ReadAsync(Point.FindByKey, (tables, now) => tables.FindByKey(principalId, operation, accountId, key, digest.Span, now), cancel);
        world.Coverage.Count(Seen.RepeatsByKey, found is not null);
        return found;
    }

    public async ValueTask<Guid?> FindRepeatAsync(Guid principalId, string operation, Guid accountId, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var found = await link.ReadAsync(Point.FindRepeat, (tables, now) => tables.FindRepeat(principalId, operation, accountId, digest.Span, now), cancel);
        world.Coverage.Count(Seen.RepeatsWithoutKey, found is not null);
        return found;
    }

    public async ValueTask<PrepareResult> PrepareAsync(ResetIntent intent)
    {
        var isUnknown = false;
        var call = KeyturnNode.Call;
        try
        {
            return await link.WriteAsync(
                Point.Prepare, intent.Account.Id, isSynced: world.Broken != Mutation.PrepareNotDurable,
                (tables, now) => Note(call, intent, tables.Prepare(intent, now)), () => isUnknown = true);
        }
        catch (StoreFault fault)
        {
            var isTold = isUnknown && world.Broken != Mutation.UnknownToldAsRefused;
            return new PrepareResult(isTold ? PrepareConflict.Unknown : PrepareConflict.StoreFailed, Detail: fault.Message);
        }
    }

    public async ValueTask<bool> MaySendAsync(Guid resetId, long fence, TimeSpan needed) =>
        await link.ReadAsync(Point.MaySend, (tables, now) => tables.Covers(resetId, fence, now + needed));

    public async ValueTask<bool> RecordSessionsAsync(Guid resetId, long fence, IReadOnlyList<NodeProgress> nodes) => await link.WriteAsync(
        Point.RecordSessions, AccountOf(resetId), isSynced: true, (tables, _) =>
        {
            var isRecorded = world.Broken == Mutation.SessionsNotRecorded || tables.RecordSessions(resetId, fence, nodes);
            if (isRecorded)
            {
                world.Judge.Sends(nodes, resetId);
            }

            return isRecorded;
        });

    public async ValueTask<bool> FinishAsync(ResetEnd end)
    {
        // "Failed, unchanged" is a promise: were it lost with the store's machine, recovery would break it.
        var isSynced = end.State == ResetState.Failed && world.Broken != Mutation.FailedNotDurable;
        return await link.WriteAsync(Point.Finish, AccountOf(end.ResetId), isSynced, (tables, now) =>
        {
            var isFinished = tables.Finish(end with { RetryAfter = Nominal(end.RetryAfter) }, now);
            world.Coverage.Count(Seen.EndsRefusedByTheFence, !isFinished);
            if (isFinished)
            {
                world.Judge.Finished(end, node);
            }

            return isFinished;
        });
    }

    public async ValueTask MarkUndeliveredAsync(Guid resetId, TimeSpan repeatWithin) => await link.WriteAsync(
        Point.MarkUndelivered, AccountOf(resetId), isSynced: false, (tables, now) =>
        {
            tables.MarkUndelivered(resetId, now + repeatWithin);
            return true;
        });

    public async ValueTask<TakenReset?> TakeOverAsync(Guid resetId, TimeSpan lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await link.WriteAsync(Point.TakeOver, AccountOf(resetId), isSynced: true, (tables, now) =>
        {
            var taken = tables.TakeOver(resetId, now, now + lease);
            if (taken is not null)
            {
                world.Judge.TookOver(resetId, node);
            }

            return taken;
        });
    }

    public async ValueTask<IReadOnlyList<Guid>> DueAsync(int limit, CancellationToken cancel) =>
        await link.ReadAsync(Point.Due, (tables, now) => tables.Due(limit, now), cancel);

    public async ValueTask<ResetRecord?> FindAsync(Guid resetId, CancellationToken cancel) =>
        await link.ReadAsync(Point.FindReset, (tables, _) => tables.Find(resetId)?.Record, cancel);

    public async ValueTask<ResetRecord?> FindUnsettledAsync(Guid accountId, CancellationToken cancel) =>
        await link.ReadAsync(Point.FindUnsettled, (tables, _) => tables.FindUnsettled(accountId)?.Record, cancel);

    public ValueTask<IReadOnlyDictionary<Guid, int>> CountUnsettledAsync(Guid projectId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Guid>> ListBusyInstancesAsync(Guid projectId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ResetRecord>> ListAsync(Guid instanceId, Guid? accountId, int limit, CancellationToken cancel) => throw new NotSupportedException();

    private PrepareResult Note(ClientCall? call, ResetIntent intent, PrepareResult result)
    {
        if (result.Conflict == PrepareConflict.None)
        {
            world.Judge.Prepared(call, intent, node);
            world.Judge.Sends(intent.Nodes, intent.ResetId);
        }

        return result;
    }

    private Guid? AccountOf(Guid resetId) => world.Store.Visible.Find(resetId)?.Record.Account.Id;

    /// <summary>The reconciler's pauses vary by a fifth, by true chance: one history would not run twice the same way.</summary>
    private static TimeSpan Nominal(TimeSpan pause)
    {
        var seconds = pause.TotalSeconds;
        return TimeSpan.FromSeconds(seconds > 45 ? 60 : Math.Pow(2, Math.Round(Math.Log2(Math.Max(seconds, 1)))));
    }
}
