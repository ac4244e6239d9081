using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Chain;

/// <summary>Verifies all chains of one store, and the rows that are in none.</summary>
internal sealed class LogVerification(StoreSession session, ChainKey key, IReadOnlyList<KeptHead> expected)
{
    private readonly List<AuditFault> _faults = [];
    private long _rows;

    public async ValueTask<AuditReport> RunAsync(CancellationToken cancel)
    {
        var heads = (await ChainRows.ListAsync(session)).ToDictionary(row => row.Head.Id);
        var anchors = new List<EarlierRows.Anchor>();
        foreach (var chain in await ChainsAsync(heads.Keys))
        {
            cancel.ThrowIfCancellationRequested();
            var verification = new ChainVerification(session, key, chain, heads.GetValueOrDefault(chain), [.. expected.Where(head => head.Chain == chain)]);
            if (await verification.RunAsync(cancel) is { } fault)
            {
                _faults.Add(fault with { Chain = chain });
            }

            _rows += verification.Rows;
            anchors.AddRange(verification.Anchors);
        }

        var earlier = await VerifyEarlierAsync(anchors);
        return new AuditReport(_rows, earlier, await AuditVerification.HeadsAsync(session), _faults);
    }

    /// <summary>Also those of which only rows, or only a head that was kept elsewhere, are left.</summary>
    private async ValueTask<IReadOnlyList<Guid>> ChainsAsync(IEnumerable<Guid> withHead)
    {
        var withRows = await session.QueryAsync("SELECT DISTINCT chain_id FROM audit WHERE chain_id IS NOT NULL", row => row.Id(0));
        return [.. withHead.Concat(withRows).Concat(expected.Select(head => head.Chain)).Distinct()];
    }

    private async ValueTask<long> VerifyEarlierAsync(List<EarlierRows.Anchor> anchors)
    {
        var last = anchors.Count == 0 ? 0 : anchors.Max(anchor => anchor.Last);
        foreach (var anchor in anchors)
        {
            if (await EarlierRows.HashAsync(session, key, anchor.Last) is var found && found != anchor)
            {
                _faults.Add(new AuditFault(
                    found.Count < anchor.Count ? AuditDamage.Removed : AuditDamage.Edited,
                    $"Of the rows from before there were chains, up to sequence {anchor.Last}, there were {anchor.Count}; now there are {found.Count}, and their hash is another. Which of them cannot be said."));
            }
        }

        if (await AuditRows.FindAddedAsync(session, last) is { } added)
        {
            var what = added.Sequence < 1 || added.Link is not null
                ? "This row is in no chain, at a place where Keyturn writes none: it was put in or moved by hand."
                : "This row is in no chain: it was put in by hand, or by a node of an earlier Keyturn that was still running.";
            _faults.Add(new AuditFault(AuditDamage.Added, what)
            {
                Sequence = added.Sequence,
                Time = added.Time,
                Action = added.Entry.Action,
            });
        }

        // Who takes the primary key away can put a row where one page of an export ends and the next one begins behind it.
        if (await session.FirstNumberAsync("SELECT sequence FROM audit GROUP BY sequence HAVING count(*) > 1 ORDER BY sequence LIMIT 1") is { } twice)
        {
            _faults.Add(new AuditFault(AuditDamage.Reordered, "There is more than one row of this sequence.") { Sequence = twice });
        }

        return await session.FirstNumberAsync("SELECT count(*) FROM audit WHERE chain_id IS NULL") ?? 0;
    }
}
