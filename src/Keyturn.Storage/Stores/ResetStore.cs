using System.Security.Cryptography;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Resets.</summary>
/// <remarks>
/// A parked reset that another one replaces stays parked, for nobody has shown what became of it, but no longer waits for anybody; its
/// pending secret becomes a failed one, which is kept and which verify tries.
/// </remarks>
internal sealed class ResetStore(IStoreDatabase database, KeyRing keys) : IResetStore
{
    public byte[] Digest(string request) => keys.Digest(request);

    public async ValueTask<(Guid ResetId, bool SameRequest)?> FindByKeyAsync(
        Guid principalId, string operation, Guid accountId, string key, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var found = await database.ReadAsync(
            async session => await ResetRows.FindByKeyAsync(session, principalId, operation, accountId, key, keys.DigestOfKey(key), await session.NowAsync() - ResetPreparation.KeyLifetime),
            cancel);
        return found is null ? null : (found.Id, CryptographicOperations.FixedTimeEquals(found.Digest, digest.Span));
    }

    public ValueTask<Guid?> FindRepeatAsync(Guid principalId, string operation, Guid accountId, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var requestDigest = digest.ToArray();
        return database.ReadAsync(
            async session => await ResetRows.FindRepeatAsync(session, principalId, operation, accountId, requestDigest, await session.NowAsync()),
            cancel);
    }

    public async ValueTask<PrepareResult> PrepareAsync(ResetIntent intent)
    {
        try
        {
            return await database.WriteAsync(Durability.Synced, session => new ResetPreparation(session, keys, intent).RunAsync());
        }
        catch (StoreException e)
        {
            return new PrepareResult(e.Fault == StoreFault.Unknown ? PrepareConflict.Unknown : PrepareConflict.StoreFailed, Detail: e.Message);
        }
    }

    public ValueTask<bool> MaySendAsync(Guid resetId, long fence, TimeSpan needed) =>
        database.ReadAsync(async session => await ResetLeases.CoversAsync(session, resetId, fence, await session.NowAsync() + needed), CancellationToken.None);

    public async ValueTask<bool> RecordSessionsAsync(Guid resetId, long fence, IReadOnlyList<NodeProgress> nodes) =>
        await database.WriteAsync(Durability.Synced, async session =>
        {
            if (await ResetLeases.FindHeldAsync(session, resetId, fence) is not { } held)
            {
                return false;
            }

            await ResetParts.ReplaceNodesAsync(session, held.Number, nodes);
            return true;
        });

    public async ValueTask<bool> FinishAsync(ResetEnd end) =>
        await database.WriteAsync(DurabilityOf(end.State), session => new ResetFinish(session, end).RunAsync());

    public async ValueTask MarkUndeliveredAsync(Guid resetId, TimeSpan repeatWithin) =>
        await database.WriteAsync(Durability.Committed, async session => await ResetRows.MarkUndeliveredAsync(session, resetId, await session.NowAsync() + repeatWithin));

    public async ValueTask<TakenReset?> TakeOverAsync(Guid resetId, TimeSpan lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var taken = await database.WriteAsync(Durability.Synced, session => ResetLeases.TakeAsync(session, resetId, lease));
        return taken is null ? null : await taken.OpenAsync(keys);
    }

    public async ValueTask<IReadOnlyList<Guid>> DueAsync(int limit, CancellationToken cancel) =>
        await database.ReadAsync(async session => await ResetRows.DueAsync(session, limit, await session.NowAsync()), cancel);

    public ValueTask<IReadOnlyDictionary<Guid, int>> CountUnsettledAsync(Guid projectId, CancellationToken cancel) =>
        database.ReadAsync(session => ResetRows.CountUnsettledAsync(session, projectId), cancel);

    public async ValueTask<IReadOnlyList<Guid>> ListBusyInstancesAsync(Guid projectId, CancellationToken cancel) =>
        await database.ReadAsync(session => ResetRows.BusyInstancesAsync(session, projectId), cancel);

    public ValueTask<ResetRecord?> FindAsync(Guid resetId, CancellationToken cancel) =>
        database.ReadAsync(session => ResetRows.FindAsync(session, resetId), cancel);

    public ValueTask<ResetRecord?> FindUnsettledAsync(Guid accountId, CancellationToken cancel) =>
        database.ReadAsync(session => ResetRows.FindUnsettledAsync(session, accountId), cancel);

    public async ValueTask<IReadOnlyList<ResetRecord>> ListAsync(Guid instanceId, Guid? accountId, int limit, CancellationToken cancel) =>
        await database.ReadAsync(session => ResetRows.ListAsync(session, instanceId, accountId, limit), cancel);

    /// <summary>
    /// An end that says "unchanged" must not be lost with the machine: recovery would find the reset open, and roll it forward. Of the others
    /// recovery finds out again what was told.
    /// </summary>
    private static Durability DurabilityOf(ResetState end) => end == ResetState.Failed ? Durability.Synced : Durability.Committed;
}
