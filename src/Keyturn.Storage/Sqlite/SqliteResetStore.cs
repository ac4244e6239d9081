using System.Security.Cryptography;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Sqlite;

/// <summary>Resets.</summary>
/// <remarks>
/// A parked reset that another one replaces stays parked, for nobody has shown what became of it, but no longer waits for anybody; its
/// pending secret becomes a failed one, which is kept and which verify tries.
/// </remarks>
internal sealed class SqliteResetStore(SqliteWriter writer, SqliteReaders readers, KeyRing keys, TimeProvider clock) : IResetStore
{
    public byte[] Digest(string request) => keys.Digest(request);

    public async ValueTask<(Guid ResetId, bool SameRequest)?> FindByKeyAsync(
        Guid principalId, string operation, Guid accountId, string key, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var found = await readers.ReadAsync(
            session => session.First(
                """
                SELECT id, request_digest FROM resets
                WHERE principal_id = $principal AND operation = $operation AND account_id = $account AND idempotency_key = $key AND prepared_at > $expired
                """,
                row => new KeyedReset(row.Id(0), row.Bytes(1)),
                ("$principal", principalId),
                ("$operation", operation),
                ("$account", accountId),
                ("$key", key),
                ("$expired", clock.GetUtcNow() - ResetPreparation.KeyLifetime)),
            cancel);
        return found is null ? null : (found.Id, CryptographicOperations.FixedTimeEquals(found.Digest, digest.Span));
    }

    public ValueTask<Guid?> FindRepeatAsync(Guid principalId, string operation, Guid accountId, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var requestDigest = digest.ToArray();
        return readers.ReadAsync(
            session => session.FirstId(
                """
                SELECT id FROM (
                    SELECT * FROM resets WHERE account_id = $account AND state IN ('Prepared', 'Undecided')
                    UNION ALL
                    SELECT * FROM resets WHERE account_id = $account AND repeat_until >= $now
                )
                WHERE principal_id = $principal AND operation = $operation AND request_digest = $digest
                ORDER BY number DESC LIMIT 1
                """,
                ("$account", accountId),
                ("$now", clock.GetUtcNow()),
                ("$principal", principalId),
                ("$operation", operation),
                ("$digest", requestDigest)),
            cancel);
    }

    public async ValueTask<PrepareResult> PrepareAsync(ResetIntent intent)
    {
        try
        {
            return await writer.WriteAsync(Durability.Synced, session => new ResetPreparation(session, keys, intent, clock.GetUtcNow()).Run());
        }
        catch (StoreException e)
        {
            return new PrepareResult(PrepareConflict.StoreFailed, Detail: e.Message);
        }
    }

    public ValueTask<bool> MaySendAsync(Guid resetId, long fence, TimeSpan needed) =>
        readers.ReadAsync(session => ResetLeases.Covers(session, resetId, fence, clock.GetUtcNow() + needed), CancellationToken.None);

    public async ValueTask<bool> RecordSessionsAsync(Guid resetId, long fence, IReadOnlyList<NodeProgress> nodes) =>
        await writer.WriteAsync(Durability.Synced, session =>
        {
            if (ResetLeases.FindHeld(session, resetId, fence) is not { } held)
            {
                return false;
            }

            ResetParts.ReplaceNodes(session, held.Number, nodes);
            return true;
        });

    public async ValueTask<bool> FinishAsync(ResetEnd end) =>
        await writer.WriteAsync(Durability.Committed, session => new ResetFinish(session, end, clock.GetUtcNow()).Run());

    public async ValueTask MarkUndeliveredAsync(Guid resetId, TimeSpan repeatWithin) =>
        await writer.WriteAsync(Durability.Committed, session => session.Execute(
            "UPDATE resets SET repeat_until = $until WHERE id = $id",
            ("$id", resetId), ("$until", clock.GetUtcNow() + repeatWithin)));

    public async ValueTask<TakenReset?> TakeOverAsync(Guid resetId, TimeSpan lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var taken = await writer.WriteAsync(Durability.Synced, session =>
        {
            var now = clock.GetUtcNow();
            return ResetLeases.Take(session, resetId, now, now + lease);
        });
        return taken?.Open(keys);
    }

    public async ValueTask<IReadOnlyList<Guid>> DueAsync(int limit, CancellationToken cancel) =>
        await readers.ReadAsync(session => ResetRows.Due(session, limit, clock.GetUtcNow()), cancel);

    public ValueTask<int> CountUnsettledAsync(Guid projectId, CancellationToken cancel) =>
        readers.ReadAsync(session => ResetRows.CountUnsettled(session, projectId), cancel);

    public async ValueTask<IReadOnlyList<Guid>> ListBusyInstancesAsync(Guid projectId, CancellationToken cancel) =>
        await readers.ReadAsync(session => ResetRows.BusyInstances(session, projectId), cancel);

    public ValueTask<ResetRecord?> FindAsync(Guid resetId, CancellationToken cancel) =>
        readers.ReadAsync(session => ResetRows.Find(session, resetId), cancel);

    public ValueTask<ResetRecord?> FindUnsettledAsync(Guid accountId, CancellationToken cancel) =>
        readers.ReadAsync(session => ResetRows.FindUnsettled(session, accountId), cancel);

    public async ValueTask<IReadOnlyList<ResetRecord>> ListAsync(Guid instanceId, Guid? accountId, int limit, CancellationToken cancel) =>
        await readers.ReadAsync(session => ResetRows.List(session, instanceId, accountId, limit), cancel);

    private sealed record KeyedReset(Guid Id, byte[] Digest);
}
