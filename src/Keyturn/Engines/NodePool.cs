using System.Collections.Concurrent;

namespace Keyturn.Engines;

/// <summary>A session that nobody uses.</summary>
internal sealed record IdleSession(IAdminSession Session, DateTimeOffset Since);

/// <summary>The admin sessions to one node under one registration.</summary>
internal sealed class NodePool(int places)
{
    private readonly Lock _lock = new();
    private string? _accepted;
    private Trial? _trial;

    private sealed record Trial(string Passwords)
    {
        /// <summary>One for each: a semaphore's or a shared task's waiters go on wherever the thread pool likes, which no simulated history could repeat.</summary>
        public List<TaskCompletionSource<Failure?>> Waiting { get; } = [];
    }

    /// <summary>How many more may be open.</summary>
    public SemaphoreSlim Places { get; } = new(places);

    public ConcurrentStack<IdleSession> Idle { get; } = new();

    /// <summary>
    /// To be called before a login. As long as none of the passwords was accepted, one caller tries for all: many at once would all be refused before the first refusal is
    /// written down. Whoever had to wait gets the refusal of the one that tried, and any failure of a try that began after its own call.
    /// </summary>
    /// <param name="passwords">Names them.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether this caller tries for all, and has to end it.</returns>
    public async ValueTask<(bool IsTrial, Failure? OfAnother)> BeginAsync(string passwords, CancellationToken cancel)
    {
        for (var isYounger = false; ; isYounger = true)
        {
            var end = new TaskCompletionSource<Failure?>(TaskCreationOptions.RunContinuationsAsynchronously);
            string tried;
            lock (_lock)
            {
                if (_accepted == passwords)
                {
                    return (false, null);
                }

                if (_trial is null)
                {
                    _trial = new(passwords);
                    return (true, null);
                }

                tried = _trial.Passwords;
                _trial.Waiting.Add(end);
            }

            await using var hangUp = cancel.UnsafeRegister(_ => end.TrySetCanceled(cancel), state: null);
            if (await end.Task is { } failure && tried == passwords && (isYounger || failure.Error == EngineError.AdminLoginRefused))
            {
                return (false, failure);
            }
        }
    }

    /// <summary>Of any login, a trial or not: whether the passwords were accepted.</summary>
    public void Learn(string passwords, bool isAccepted)
    {
        lock (_lock)
        {
            _accepted = isAccepted ? passwords : null;
        }
    }

    /// <param name="failure">What those who wait are told; null where they should try for themselves.</param>
    public void EndTrial(Failure? failure)
    {
        List<TaskCompletionSource<Failure?>> waiting;
        lock (_lock)
        {
            waiting = _trial!.Waiting;
            _trial = null;
        }

        foreach (var end in waiting)
        {
            end.TrySetResult(failure);
        }
    }
}
