using System.Collections.Concurrent;

namespace Keyturn.Server.Tests;

/// <summary>The system's clock, which remembers what was waited for.</summary>
internal sealed class WatchedClock : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>Whether somebody has begun to wait for exactly so long.</summary>
    public bool HasWaits(TimeSpan time) => _waits.Contains(time);
}
