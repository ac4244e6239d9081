using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Chain;

/// <summary>
/// Appends to one chain, for one transaction at a time. What it knows of the chain's end it does not ask the database again: should it be
/// wrong, the row is refused (<c>audit_is_chained</c>), and its transaction with it.
/// </summary>
internal sealed class AuditPen(ChainPool pool)
{
    private ChainHead? _taken;
    private ChainHead? _head;

    /// <summary>Who holds the chain.</summary>
    public Guid Holder => pool.Holder;

    /// <summary>Moves the chain's head on to a row that is to be written next.</summary>
    public async ValueTask<ChainHead> AdvanceAsync(StoreSession session, AuditEntry entry, DateTimeOffset now)
    {
        var before = _head ?? (_taken = pool.TryTake()) ?? await ChainRows.TakeAsync(session, pool, now);
        var next = pool.Key.Follow(before, now, entry);
        await ChainRows.AdvanceAsync(session, next, pool, now);
        pool.NoteWritten();
        return _head = next;
    }

    /// <summary>The transaction is committed: others of this process go on from there.</summary>
    public void Committed()
    {
        if (_head is { } head)
        {
            pool.Return(head);
        }
    }

    /// <summary>Nothing of the transaction is written: the chain is as it was.</summary>
    public void RolledBack()
    {
        if (_taken is { } head)
        {
            pool.Return(head);
        }
    }

    /// <summary>Whether the last row was written is not known: the next one asks the database.</summary>
    public void Forget() => _head = null;
}
