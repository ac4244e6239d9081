using System.Collections.Concurrent;

namespace Keyturn.Storage.Chain;

/// <summary>
/// The chains that this process holds. A transaction has one for itself until it has ended, so that nobody waits for another's commit: there
/// come to be as many chains as there are transactions at a time.
/// </summary>
internal sealed class ChainPool(ChainKey key)
{
    /// <summary>Whoever takes a chain on after that finds it as its last commit left it, or its holder cannot append to it any more.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly ConcurrentStack<ChainHead> _free = new();
    private int _isUnflushed;

    public ChainKey Key => key;

    /// <summary>This process, as long as it has the store open.</summary>
    public Guid Holder { get; } = Guid.NewGuid();

    /// <summary>Those that nobody is appending to now.</summary>
    public IReadOnlyList<ChainHead> Free => [.. _free];

    /// <summary>A chain that nobody is appending to; null when there is none.</summary>
    public ChainHead? TryTake() => _free.TryPop(out var head) ? head : null;

    public void Return(ChainHead head) => _free.Push(head);

    /// <summary>A row was written, of which nobody knows yet whether the disk has it.</summary>
    public void NoteWritten() => Interlocked.Exchange(ref _isUnflushed, 1);

    /// <summary>Whether any was since the last time.</summary>
    public bool TakeUnflushed() => Interlocked.Exchange(ref _isUnflushed, 0) == 1;
}
