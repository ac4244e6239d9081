namespace Keyturn.Tests;

/// <summary>
/// The system's clock, moved forward by hand: what is due in a quarter of an hour is due at once. Timers stay real; the counter that measures
/// how long something took goes with the clock, unless that jumps.
/// </summary>
public sealed class Clock : TimeProvider
{
    private TimeSpan _ahead;
    private TimeSpan _passed;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_passed.TotalSeconds * TimestampFrequency);

    /// <summary>Time passes.</summary>
    public void Advance(TimeSpan time) => (_ahead, _passed) = (_ahead + time, _passed + time);

    /// <summary>Somebody sets the clock.</summary>
    public void Jump(TimeSpan time) => _ahead += time;
}
