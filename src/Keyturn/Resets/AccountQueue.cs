using Keyturn.Instances;

namespace Keyturn.Resets;

/// <summary>
/// One reset an account at a time, in order of arrival. The lock is per account, never per server. Rows of one MySQL user are one
/// account here: a reset of all rows and one of a single row must not cross.
/// </summary>
public sealed class AccountQueue(TimeProvider clock)
{
    /// <summary>Requests that may wait for one account.</summary>
    public const int MaxWaiting = 100;

    /// <summary>How long waits for an account's resets what is no reset itself: adopting, verifying, dropping.</summary>
    public static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedList<TaskCompletionSource>> _waiting = [];

    internal readonly record struct Key(Guid InstanceId, string User, string? AuthDatabase);

    /// <summary>Waits for the account's turn; null when too many wait already, or <paramref name="patience"/> has run out.</summary>
    public async ValueTask<Turn?> EnterAsync(Guid instanceId, AccountName account, TimeSpan patience, CancellationToken cancel)
    {
        var key = new Key(instanceId, account.User, account.AuthDatabase);
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(key, out var line))
            {
                _waiting[key] = [];
                return new Turn(this, key);
            }

            if (line.Count >= MaxWaiting)
            {
                return null;
            }

            place = line.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await place.Value.Task.WaitAsync(patience, clock, cancel);
            return new Turn(this, key);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                place.List?.Remove(place);
            }

            if (place.Value.Task.IsCompleted)
            {
                // The turn came in the same moment: pass it on.
                Leave(key);
            }

            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }

    private void Leave(Key key)
    {
        lock (_lock)
        {
            var line = _waiting[key];
            if (line.First is not { } next)
            {
                _waiting.Remove(key);
                return;
            }

            line.RemoveFirst();
            next.Value.SetResult();
        }
    }

    /// <summary>The account's turn. Disposing passes it on.</summary>
    public sealed class Turn : IDisposable
    {
        private readonly AccountQueue _queue;
        private Key? _key;

        internal Turn(AccountQueue queue, Key key) => (_queue, _key) = (queue, key);

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_key is { } key)
            {
                _key = null;
                _queue.Leave(key);
            }
        }
    }
}
