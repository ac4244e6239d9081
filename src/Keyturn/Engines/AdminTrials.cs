using Keyturn.Checks;

namespace Keyturn.Engines;

/// <summary>
/// What this node of Keyturn has seen become of the admin login's passwords at one server, and whose turn it is to try: of many callers at once all would be refused before the first refusal is
/// written down, and servers lock accounts for that.
/// </summary>
internal sealed class AdminTrials(TimeProvider clock)
{
    /// <summary>How long an accepted login lets others be made at the same time. A password that was changed since is then tried by one of them.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long? _acceptedAt;
    private (string Passwords, long At) _refused = ("", 0);
    private Trial? _trial;

    private sealed record Trial(string Passwords)
    {
        public List<Waiter> Waiting { get; } = [];
    }

    /// <summary>With a task of its own: a semaphore's or a shared task's waiters go on wherever the thread pool likes, which no simulated history could repeat.</summary>
    private sealed record Waiter(string Passwords)
    {
        /// <summary>The try that it waits for now began after its own call.</summary>
        public bool IsOlder { get; set; }

        public TaskCompletionSource<(bool IsTrial, Failure? OfAnother)> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The version that was accepted last: the first to try.</summary>
    public int? Accepted
    {
        get
        {
            lock (_lock)
            {
                return field;
            }
        }

        set
        {
            lock (_lock)
            {
                (field, _acceptedAt) = (value, clock.GetTimestamp());
            }
        }
    }

    private bool IsAccepted => _acceptedAt is { } at && clock.GetElapsedTime(at) < Freshness;

    /// <summary>To be called before a login. Unless one was accepted a moment ago, one caller tries for all; whoever had to wait gets the refusal of that one, and any failure of a try that began after its own call.</summary>
    /// <param name="passwords">Names those that may be tried.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether this caller tries for all, and has to end it.</returns>
    public async ValueTask<(bool IsTrial, Failure? OfAnother)> BeginAsync(string passwords, CancellationToken cancel)
    {
        var waiter = new Waiter(passwords);
        lock (_lock)
        {
            if (IsAccepted)
            {
                return (false, null);
            }

            if (_trial is null)
            {
                _trial = new(passwords);
                return (true, null);
            }

            _trial.Waiting.Add(waiter);
        }

        await using var hangUp = cancel.UnsafeRegister(_ => waiter.Turn.TrySetCanceled(cancel), state: null);
        return await waiter.Turn.Task;
    }

    /// <param name="failure">What those who wait are told; null where one of them should try.</param>
    public void End(Failure? failure)
    {
        lock (_lock)
        {
            var ended = _trial!;
            _trial = null;
            foreach (var waiter in ended.Waiting)
            {
                var isTold = failure is not null && waiter.Passwords == ended.Passwords && (waiter.IsOlder || failure.Error == EngineError.AdminLoginRefused);
                if (isTold || IsAccepted)
                {
                    waiter.Turn.TrySetResult((false, isTold ? failure : null));
                }
                else if (_trial is not null)
                {
                    waiter.IsOlder = true;
                    _trial.Waiting.Add(waiter);
                }
                else if (waiter.Turn.TrySetResult((true, null)))
                {
                    _trial = new(waiter.Passwords);
                }
            }
        }
    }

    /// <summary>How long these must wait that were all refused.</summary>
    public TimeSpan Wait(string passwords)
    {
        lock (_lock)
        {
            return _refused.Passwords == passwords ? FailedLogins.Pause - clock.GetElapsedTime(_refused.At) : TimeSpan.Zero;
        }
    }

    public void WereRefused(string passwords)
    {
        lock (_lock)
        {
            (_refused, _acceptedAt) = ((passwords, clock.GetTimestamp()), null);
        }
    }
}
