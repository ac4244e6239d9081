using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Chain;

/// <summary>The heads of chains, as they stand in the store.</summary>
internal static class ChainRows
{
    private const string Columns = "id, number, hash, seal";

    /// <summary>A head with its seal.</summary>
    public sealed record SealedHead(ChainHead Head, byte[] Seal);

    public static ValueTask<List<SealedHead>> ListAsync(StoreSession session) =>
        session.QueryAsync($"SELECT {Columns} FROM audit_chains ORDER BY id", row => new SealedHead(new ChainHead(row.Id(0), row.GetInt64(1), row.Bytes(2)), row.Bytes(3)));

    /// <summary>A chain whose lease has ended, or a new one.</summary>
    public static async ValueTask<ChainHead> TakeAsync(StoreSession session, ChainPool pool, DateTimeOffset now)
    {
        if (await session.TryLockEndedChainAsync(now) is not { } id)
        {
            return await AddAsync(session, pool, now);
        }

        var found = (await session.FirstAsync(
            $"UPDATE audit_chains SET holder = $holder, lease_until = $until WHERE id = $id RETURNING {Columns}",
            row => new SealedHead(new ChainHead(row.Id(0), row.GetInt64(1), row.Bytes(2)), row.Bytes(3)),
            ("$id", id), ("$holder", pool.Holder), ("$until", now + ChainPool.Lease)))!;
        if (pool.Key.IsSealed(found.Head, found.Seal))
        {
            return found.Head;
        }

        // Somebody has altered it. Going on from there would put our seal under that.
        await session.RunAsync("UPDATE audit_chains SET closed_at = $now WHERE id = $id", ("$id", id), ("$now", now));
        return await AddAsync(session, pool, now);
    }

    /// <summary>Nothing is changed if the chain is another's by now, or not where it was: then there is nothing for the row to be chained to.</summary>
    public static ValueTask AdvanceAsync(StoreSession session, ChainHead next, ChainPool pool, DateTimeOffset now) => session.RunAsync(
        """
        UPDATE audit_chains SET number = $number, hash = $hash, seal = $seal, lease_until = $until
        WHERE id = $id AND holder = $holder AND number = $before
        """,
        ("$id", next.Id), ("$holder", pool.Holder), ("$before", next.Number - 1), ("$number", next.Number), ("$hash", next.Hash), ("$seal", pool.Key.Seal(next)),
        ("$until", now + ChainPool.Lease));

    /// <summary>Of those that are still this process'.</summary>
    public static ValueTask RenewAsync(StoreSession session, Guid id, Guid holder, DateTimeOffset until) => session.RunAsync(
        "UPDATE audit_chains SET lease_until = $until WHERE id = $id AND holder = $holder", ("$id", id), ("$holder", holder), ("$until", until));

    /// <summary>Nobody goes on with them: the store that they are of may still do so.</summary>
    public static ValueTask CloseAllAsync(StoreSession session, DateTimeOffset now) =>
        session.RunAsync("UPDATE audit_chains SET closed_at = $now WHERE closed_at IS NULL", ("$now", now));

    private static async ValueTask<ChainHead> AddAsync(StoreSession session, ChainPool pool, DateTimeOffset now)
    {
        var head = ChainHead.New();
        await session.RunAsync(
            "INSERT INTO audit_chains (id, number, hash, seal, created_at, holder, lease_until) VALUES ($id, $number, $hash, $seal, $now, $holder, $until)",
            ("$id", head.Id), ("$number", head.Number), ("$hash", head.Hash), ("$seal", pool.Key.Seal(head)), ("$now", now), ("$holder", pool.Holder),
            ("$until", now + ChainPool.Lease));
        return head;
    }
}
