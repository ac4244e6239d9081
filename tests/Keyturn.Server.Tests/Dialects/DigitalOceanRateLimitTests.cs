using Keyturn.Server.Dialects.DigitalOcean;

namespace Keyturn.Server.Tests.Dialects;

public sealed class DigitalOceanRateLimitTests
{
    private readonly ManualClock _clock = new();
    private readonly Guid _principal = Guid.NewGuid();

    [Fact]
    public void Take_OneMoreThanTheHoursLimit_IsRefusedUntilTheOldestLeavesTheWindow()
    {
        var limit = new DigitalOceanRateLimit(new ServerOptions { Store = "" }, _clock);
        var first = _clock.GetUtcNow();
        limit.Take(_principal).Remaining.ShouldBe(4999);
        _clock.Advance(TimeSpan.FromMinutes(1));
        for (var i = 1; i < limit.Limit; i++)
        {
            limit.Take(_principal).RetryAfter.ShouldBeNull();
            _clock.Advance(i % 200 == 0 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
        }

        var refused = limit.Take(_principal);
        _clock.Advance(first.AddHours(1) - _clock.GetUtcNow());
        var allowed = limit.Take(_principal);

        refused.ShouldBe(new DigitalOceanRateLimit.Count(Remaining: 0, first.AddHours(1), TimeSpan.FromMinutes(35)));
        allowed.ShouldBe(new DigitalOceanRateLimit.Count(Remaining: 0, first.AddMinutes(61)));
        limit.Take(Guid.NewGuid()).Remaining.ShouldBe(4999);
    }

    [Fact]
    public void Take_OneMoreThanTheMinutesLimit_IsRefusedUntilTheMinuteIsOver()
    {
        var limit = new DigitalOceanRateLimit(new ServerOptions { Store = "" }, _clock);
        var first = _clock.GetUtcNow();
        for (var i = 0; i < limit.BurstLimit; i++)
        {
            limit.Take(_principal).RetryAfter.ShouldBeNull();
        }

        _clock.Advance(TimeSpan.FromSeconds(20));
        var refused = limit.Take(_principal);
        _clock.Advance(TimeSpan.FromSeconds(40));
        var allowed = limit.Take(_principal);

        refused.ShouldBe(new DigitalOceanRateLimit.Count(Remaining: 0, first.AddHours(1), TimeSpan.FromSeconds(40)));
        allowed.ShouldBe(new DigitalOceanRateLimit.Count(Remaining: 4749, first.AddHours(1)));
    }

    private sealed class ManualClock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
