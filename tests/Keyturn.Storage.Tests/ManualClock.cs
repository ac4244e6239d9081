namespace Keyturn.Storage.Tests;

/// <summary>A clock that goes only when it is told to.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).UtcTicks;

    public DateTimeOffset Now => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    /// <summary>For a store that has a clock of its own.</summary>
    public Action<DateTimeOffset> Moved { get; set; } = _ => { };

    public void Advance(TimeSpan by)
    {
        Interlocked.Add(ref _ticks, by.Ticks);
        Moved(Now);
    }
}
