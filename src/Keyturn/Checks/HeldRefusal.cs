namespace Keyturn.Checks;

/// <summary>
/// Lets refusals of a password go at a multiple of one step after the try began. Servers take other times for a wrong password and for an account that they
/// have not (a key that is derived for one only, another login method, rows that are looked at), and so does what Keyturn asks afterwards: that would tell who is there.
/// </summary>
internal readonly struct HeldRefusal(TimeProvider clock)
{
    /// <summary>Many times what such differences come to, and longer than a login takes: both are let go by the same step. A right password waits for nothing.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(300);

    private readonly long _began = clock.GetTimestamp();

    /// <summary>Until the next step.</summary>
    public Task WaitAsync(CancellationToken cancel) => Task.Delay(Step - TimeSpan.FromTicks(clock.GetElapsedTime(_began).Ticks % Step.Ticks), clock, cancel);
}
