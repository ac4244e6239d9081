using Keyturn.Checks;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>How much of the past is kept. Audit entries are kept for good.</summary>
/// <param name="Versions">So many previous and failed versions of a password, beside the current and the pending one.</param>
/// <param name="Resets">Resets that have ended, with their nodes and stories, for so long.</param>
public sealed record RetentionRules(int Versions, TimeSpan Resets)
{
    /// <summary>A change that was made behind Keyturn's back is often the one before.</summary>
    public const int LeastVersions = 1;

    /// <summary>Jobs are told by their resets, and idempotency keys name them.</summary>
    public static readonly TimeSpan LeastResets = Jobs.Job.Kept;
}

/// <summary>What was taken away.</summary>
/// <param name="Versions">Versions of passwords.</param>
/// <param name="Resets">Resets.</param>
public sealed record Pruned(long Versions, long Resets);

/// <summary>
/// Takes away what nobody needs any more. It looks by reading, and writes in small batches, so that no reset waits for it. What an unsettled
/// reset may need stays: pending and current versions always, and all versions of an account that has such a reset.
/// </summary>
public sealed class Retention
{
    private const long PageSize = 1000;
    private const int BatchSize = 100;

    private const string HasUnsettled =
        "EXISTS (SELECT 1 FROM resets r WHERE r.account_id = s.account_id AND (r.state IN ('Prepared', 'Undecided') OR (r.state = 'Parked' AND r.superseded_at IS NULL)))";

    /// <summary>Beside the current one the server lets this one in, and it has to be known to be discarded.</summary>
    private const string IsValidStill = "EXISTS (SELECT 1 FROM accounts a WHERE a.id = s.account_id AND a.old_version = s.version)";

    private readonly IStoreDatabase _database;

    internal Retention(IStoreDatabase database) => _database = database;

    /// <summary>One pass over the whole store.</summary>
    /// <exception cref="StoreException">It could not be read or written; what was taken away before stays away.</exception>
    public async Task<Pruned> RunAsync(RetentionRules rules, CancellationToken cancel)
    {
        var pruned = new Pruned(await PruneVersionsAsync(rules.Versions, cancel), await PruneResetsAsync(rules.Resets, cancel));
        await PruneGuessesAsync(cancel);
        return pruned;
    }

    private async Task PruneGuessesAsync(CancellationToken cancel)
    {
        for (var isMore = true; isMore;)
        {
            cancel.ThrowIfCancellationRequested();
            isMore = await _database.WriteAsync(
                Durability.Committed, async session => await GuessRows.DeleteBeforeAsync(session, await session.NowAsync() - IGuessStore.QuietTime, BatchSize)) == BatchSize;
        }
    }

    private async Task<long> PruneVersionsAsync(int keep, CancellationToken cancel)
    {
        var pruned = 0L;
        for (Guid? after = Guid.Empty; after is { } start;)
        {
            var (old, last) = await _database.ReadAsync(session => FindOldVersionsAsync(session, start, keep), cancel);
            foreach (var batch in old.Chunk(BatchSize))
            {
                pruned += await _database.WriteAsync(Durability.Committed, session => DeleteVersionsAsync(session, batch));
            }

            after = last;
        }

        return pruned;
    }

    private static async ValueTask<(List<OldVersion> Old, Guid? Last)> FindOldVersionsAsync(StoreSession session, Guid after, int keep)
    {
        var accounts = await session.QueryAsync("SELECT id FROM accounts WHERE id > $after ORDER BY id LIMIT $limit", row => row.Id(0), ("$after", after), ("$limit", PageSize));
        if (accounts.Count == 0)
        {
            return ([], null);
        }

        var old = await session.QueryAsync(
            $"""
            SELECT account_id, version FROM (
                SELECT account_id, version, row_number() OVER (PARTITION BY account_id ORDER BY version DESC) AS place
                FROM secrets s
                WHERE account_id >= $first AND account_id <= $last AND state IN ('Previous', 'Failed') AND NOT {HasUnsettled} AND NOT {IsValidStill}
            ) ranked
            WHERE place > $keep
            """,
            row => new OldVersion(row.Id(0), row.GetInt32(1)),
            ("$first", accounts[0]), ("$last", accounts[^1]), ("$keep", (long)keep));
        return (old, accounts[^1]);
    }

    /// <summary>What has become current again, or is of an account whose reset was taken up since, stays.</summary>
    private static async ValueTask<long> DeleteVersionsAsync(StoreSession session, OldVersion[] batch)
    {
        var deleted = 0L;
        foreach (var (account, version) in batch)
        {
            await session.LockAccountAsync(account);
            deleted += await session.ExecuteAsync(
                $"DELETE FROM secrets AS s WHERE account_id = $account AND version = $version AND state IN ('Previous', 'Failed') AND NOT {HasUnsettled} AND NOT {IsValidStill}",
                ("$account", account), ("$version", version));
        }

        return deleted;
    }

    /// <summary>Numbers rise with time: the first page without an old reset is the last.</summary>
    private async Task<long> PruneResetsAsync(TimeSpan kept, CancellationToken cancel)
    {
        var pruned = 0L;
        var after = -1L;
        while (true)
        {
            var (page, before) = await _database.ReadAsync(async session => (await ResetsAsync(session, after), await session.NowAsync() - kept), cancel);
            foreach (var batch in page.Where(reset => reset.EndedAt < before && reset.PreparedAt < before).Chunk(BatchSize))
            {
                pruned += await _database.WriteAsync(Durability.Committed, session => DeleteResetsAsync(session, batch, before));
            }

            if (page.Count < PageSize || page.TrueForAll(reset => reset.PreparedAt >= before))
            {
                return pruned;
            }

            after = page[^1].Number;
        }
    }

    private static ValueTask<List<OldReset>> ResetsAsync(StoreSession session, long after) => session.QueryAsync(
        "SELECT number, prepared_at, ended_at FROM resets WHERE number > $after ORDER BY number LIMIT $limit",
        row => new OldReset(row.GetInt64(0), row.Time(1), row.OptionalTime(2)),
        ("$after", after), ("$limit", PageSize));

    private static async ValueTask<long> DeleteResetsAsync(StoreSession session, OldReset[] batch, DateTimeOffset before)
    {
        var deleted = 0L;
        foreach (var reset in batch)
        {
            deleted += await session.ExecuteAsync(
                """
                DELETE FROM resets
                WHERE number = $number AND ended_at < $before AND (state IN ('Done', 'Failed') OR superseded_at < $before)
                  AND (repeat_until IS NULL OR repeat_until < $before)
                """,
                ("$number", reset.Number), ("$before", before));
        }

        return deleted;
    }

    private sealed record OldVersion(Guid AccountId, int Version);

    private sealed record OldReset(long Number, DateTimeOffset PreparedAt, DateTimeOffset? EndedAt);
}
