namespace Keyturn.Tests;

/// <summary>The system's clock, moved forward by hand: what is due in a quarter of an hour is due at once. Timers stay real.</summary>
public sealed class Clock : TimeProvider
{
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public void Advance(TimeSpan time) => _ahead += time;
}
