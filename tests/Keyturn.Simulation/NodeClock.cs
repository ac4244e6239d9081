namespace Keyturn.Simulation;

/// <summary>The clock of one Keyturn process: it may be wrong, and jump; its timers measure true time and fire as steps of the process.</summary>
internal sealed class NodeClock(Timeline timeline, NodeScheduler scheduler, TimeSpan offset) : TimeProvider
{
    public TimeSpan Offset { get; set; } = offset;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => timeline.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => Timeline.Start + timeline.Now + Offset;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(NodeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
            {
                throw new NotSupportedException("The domain has no periodic timers.");
            }

            var setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock.After(dueTime, () => Fall(setting));
            }

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fall(int setting)
        {
            if (setting == _setting)
            {
                clock.Run(() => Fire(setting));
            }
        }

        private void Fire(int setting)
        {
            if (setting == _setting)
            {
                callback(state);
            }
        }
    }

    private void After(TimeSpan dueTime, Action fall) => timeline.After(dueTime, fall);

    private void Run(Action fire) => new Task(fire).Start(scheduler);
}
