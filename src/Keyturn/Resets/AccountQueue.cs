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
    private readonly Dictionary<Key, LinkedList<TaskCompletionSource<bool>>> _waiting = [];

    internal readonly record struct Key(Guid InstanceId, string User, string? AuthDatabase);

    /// <summary>Waits for the account's turn; null when too many wait already, or <paramref name="patience"/> has run out.</summary>
    public async ValueTask<Turn?> EnterAsync(Guid instanceId, AccountName account, TimeSpan patience, CancellationToken cancel)
    {
        var key = new Key(instanceId, account.User, account.AuthDatabase);
        LinkedListNode<TaskCompletionSource<bool>> place;
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

            place = line.AddLast(new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        // Whichever comes first decides: the turn, or the end of the waiting.
        using var limit = new Deadline(clock, patience, cancel);
        await using var end = limit.Token.UnsafeRegister(_ => place.Value.TrySetResult(false), state: null);
        if (await place.Value.Task)
        {
            return new Turn(this, key);
        }

        lock (_lock)
        {
            place.List?.Remove(place);
        }

        cancel.ThrowIfCancellationRequested();
        return null;
    }

    private void Leave(Key key)
    {
        lock (_lock)
        {
            var line = _waiting[key];
            while (line.First is { } next)
            {
                line.RemoveFirst();
                if (next.Value.TrySetResult(true))
                {
                    return;
                }
            }

            _waiting.Remove(key);
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
