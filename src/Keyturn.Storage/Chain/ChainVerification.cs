using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Chain;

/// <summary>Goes along one chain until something is wrong with it.</summary>
internal sealed class ChainVerification(StoreSession session, ChainKey key, Guid chain, ChainRows.SealedHead? stored, IReadOnlyList<KeptHead> expected)
{
    private const long PageSize = 1000;

    private ChainHead _head = ChainHead.New() with { Id = chain };
    private RecordedAuditEntry? _last;

    /// <summary>So many are as they were written.</summary>
    public long Rows => _head.Number;

    /// <summary>What its rows say of rows that are in no chain.</summary>
    public List<EarlierRows.Anchor> Anchors { get; } = [];

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public async ValueTask<AuditFault?> RunAsync(CancellationToken cancel)
    {
        var page = new List<RecordedAuditEntry>();
        while ((page = await AuditRows.OfChainAsync(session, chain, _head.Number, PageSize)).Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var row in page)
            {
                if (Look(row, page) is { } fault)
                {
                    return fault;
                }
            }
        }

        return LookAtEnd() ?? await LookBesideAsync();
    }

    private AuditFault? Look(RecordedAuditEntry row, List<RecordedAuditEntry> page)
    {
        var next = key.Follow(_head, row.Time, row.Entry);
        if (row.Link!.Number < next.Number)
        {
            return At(row, AuditDamage.Added, $"There is another row of number {row.Link.Number} of the chain.");
        }

        if (row.Link.Number != next.Number)
        {
            return At(_last, AuditDamage.Removed, $"After this row {row.Link.Number - next.Number} are missing (numbers {next.Number} to {row.Link.Number - 1} of the chain); the next is sequence {row.Sequence}.");
        }

        if (Hex(next.Hash) != row.Link.Hash)
        {
            return BelongsHere(row, page) is { } other
                ? At(row, AuditDamage.Reordered, $"The row that belongs here is sequence {other.Sequence}.")
                : At(row, AuditDamage.Edited, "It says something else than when it was written.");
        }

        if (row.Sequence < 1)
        {
            return At(row, AuditDamage.Reordered, "No row is written before sequence 1: it was moved out of the lists and exports that begin there.");
        }

        if (row.Sequence <= _last?.Sequence)
        {
            return At(row, AuditDamage.Reordered, $"It was written after sequence {_last.Sequence}, and stands before it.");
        }

        if (expected.FirstOrDefault(head => head.Number == next.Number && head.Hash != Hex(next.Hash)) is not null)
        {
            return At(row, AuditDamage.Edited, "It is another row than the one whose hash was kept.");
        }

        (_head, _last) = (next, row);
        if (row.Entry.Action == EarlierRows.Action && EarlierRows.Anchor.Read(row.Entry.Detail) is { } anchor)
        {
            Anchors.Add(anchor);
        }

        return null;
    }

    /// <summary>A row that was moved has the hash that it would have here.</summary>
    private RecordedAuditEntry? BelongsHere(RecordedAuditEntry row, List<RecordedAuditEntry> page) => page.Find(
        other => other.Sequence != row.Sequence && Hex(key.Follow(_head, other.Time, other.Entry).Hash) is var hash && (hash == other.Link!.Hash || hash == row.Link!.Hash));

    private AuditFault? LookAtEnd()
    {
        if (expected.FirstOrDefault(head => head.Number > Rows) is { } kept)
        {
            return Gone(kept.Number, "the head that was kept");
        }

        if (stored is null)
        {
            return At(_last, AuditDamage.Removed, "The head of this chain is gone: whether rows after this one are, too, cannot be said.");
        }

        if (stored.Head.Number > Rows)
        {
            return Gone(stored.Head.Number, "the chain's head");
        }

        // Who cuts rows off can move the head back, but has no seal for it.
        return Matches(stored) ? null : At(_last, AuditDamage.Truncated, "This is the last row, and the chain's head was altered: rows that came after it are gone, or may be.");
    }

    /// <summary>A number that is there twice may be passed over from one page to the next: who takes the unique index away can put such a row in.</summary>
    private async ValueTask<AuditFault?> LookBesideAsync() => await AuditRows.CountOfChainAsync(session, chain) - Rows is > 0 and var more
        ? At(_last, AuditDamage.Added, $"The chain, of which this row is the last, has {more} rows more than numbers.")
        : null;

    private AuditFault Gone(long number, string what) => Rows == 0
        ? At(row: null, AuditDamage.Removed, $"All rows of the chain are gone; there were {number}, as {what} says.")
        : At(_last, AuditDamage.Truncated, $"After this row, the last one, {number - Rows} are missing, as {what} says.");

    private bool Matches(ChainRows.SealedHead head) =>
        head.Head.Number == _head.Number && head.Head.Hash.AsSpan().SequenceEqual(_head.Hash) && key.IsSealed(head.Head, head.Seal);

    private static AuditFault At(RecordedAuditEntry? row, AuditDamage damage, string what) =>
        new(damage, what) { Sequence = row?.Sequence, Time = row?.Time, Action = row?.Entry.Action };

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
