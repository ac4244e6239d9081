using Keyturn.Storage;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Whether calls should come here: once the store is open and the first recovery pass has begun, while the store answers. The store is asked
/// once a second at most, whoever asks here.
/// </summary>
internal sealed class Readiness(Store store, TimeProvider clock)
{
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private volatile bool _isReady;
    private Task<bool>? _asked;
    private long _askedAt;

    public void Set() => _isReady = true;

    /// <summary>Why no calls should come, in a word or two; null when they should.</summary>
    public async Task<string?> ObstacleAsync() => !_isReady ? "starting" : await Asked() ? null : "the store does not answer";

    private Task<bool> Asked()
    {
        lock (_lock)
        {
            if (_asked is null || (_asked.IsCompleted && clock.GetElapsedTime(_askedAt) >= AskAgain))
            {
                (_asked, _askedAt) = (AskAsync(), clock.GetTimestamp());
            }

            return _asked;
        }
    }

    private async Task<bool> AskAsync()
    {
        try
        {
            return await store.AnswersAsync(CancellationToken.None).AsTask().WaitAsync(Answer, clock);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
