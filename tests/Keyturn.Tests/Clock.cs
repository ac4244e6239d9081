namespace Keyturn.Tests;

/// <summary>
/// The system's clock, moved forward by hand: what is due in a quarter of an hour is due at once. Timers stay real; the counter that measures
/// how long something took goes with the clock, unless that jumps or stands still.
/// </summary>
public sealed class Clock : TimeProvider
{
    private TimeSpan _ahead;
    private TimeSpan _passed;
    private DateTimeOffset? _stands;

    public override DateTimeOffset GetUtcNow() => (_stands ?? System.GetUtcNow()) + _ahead;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_passed.TotalSeconds * TimestampFrequency);

    /// <summary>Time passes.</summary>
    public void Advance(TimeSpan time) => (_ahead, _passed) = (_ahead + time, _passed + time);

    /// <summary>From now on it does not go on by itself. It stands at a whole millisecond, which a store keeps as it is.</summary>
    public void Freeze() => _stands = DateTimeOffset.FromUnixTimeMilliseconds(System.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Somebody sets the clock.</summary>
    public void Jump(TimeSpan time) => _ahead += time;
}
