namespace Keyturn.Rotations;

/// <summary>
/// Says whether a clock may be believed. Rotations are weeks apart: when the store's clock has jumped ahead (a wrong setting, a fail-over to
/// a machine with another time), what is due by it alone can wait until somebody has had the time to set it right.
/// </summary>
internal sealed class EvenClock(TimeProvider clock)
{
    /// <summary>From one look to the next the clock may gain so much on this process's own counter.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    /// <summary>For so long after a jump nothing is believed. A machine that was asleep looks like one.</summary>
    public static readonly TimeSpan Distrust = TimeSpan.FromMinutes(15);

    private (DateTimeOffset Time, long Counter)? _last;
    private long? _jumped;

    /// <summary>Whether <paramref name="now"/>, just read, is a time to act by.</summary>
    public bool Believes(DateTimeOffset now)
    {
        var counter = clock.GetTimestamp();
        if (_last is { } last && now - last.Time - clock.GetElapsedTime(last.Counter, counter) > Tolerance)
        {
            _jumped = counter;
        }

        _last = (now, counter);
        if (_jumped is { } jumped && clock.GetElapsedTime(jumped, counter) < Distrust)
        {
            return false;
        }

        _jumped = null;
        return true;
    }
}
