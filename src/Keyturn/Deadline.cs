namespace Keyturn;

/// <summary>A limit of ours on one conversation, besides the caller hanging up. Its passing is an outcome, never an exception.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;

    /// <summary>Ends after <paramref name="limit"/>, or with <paramref name="cancel"/>.</summary>
    public Deadline(TimeProvider clock, TimeSpan limit, CancellationToken cancel = default)
    {
        _limit = new CancellationTokenSource(limit, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, cancel);
    }

    /// <summary>For the conversation.</summary>
    public CancellationToken Token => _either.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
