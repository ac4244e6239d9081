using Keyturn.Engines;

namespace Keyturn.Tests.Engines;

public sealed class AdminTrialsTests
{
    private static readonly Failure Refused = new(EngineError.AdminLoginRefused, "28P01");
    private static readonly Failure TimedOut = new(EngineError.TimedOut, "nothing came");

    private readonly Clock _clock = new();
    private readonly AdminTrials _trials;

    public AdminTrialsTests() => _trials = new(_clock);

    [Fact]
    public async Task Begin_AnotherTriesAndIsRefused_IsRefusedWithoutATry()
    {
        (await Begin()).IsTrial.ShouldBeTrue();
        var waiting = Begin();
        _trials.End(Refused);
        (await waiting).ShouldBe((false, Refused));
    }

    [Fact]
    public async Task Begin_AnotherIsAccepted_AllTryAtOnce()
    {
        await Begin();
        var waiting = new[] { Begin(), Begin() };
        _trials.Accepted = 1;
        _trials.End(failure: null);
        (await Task.WhenAll(waiting)).ShouldAllBe(begun => begun.IsTrial == false && begun.OfAnother == null);
        (await Begin()).ShouldBe((false, null));
    }

    [Fact]
    public async Task Begin_AcceptedAWhileAgo_OneTriesAgain()
    {
        _trials.Accepted = 1;
        (await Begin()).IsTrial.ShouldBeFalse();
        _clock.Advance(AdminTrials.Freshness);
        (await Begin()).IsTrial.ShouldBeTrue();
        Begin().IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Refused_All_WaitForAMinute()
    {
        _trials.Accepted = 1;
        _trials.WereRefused("version 1");
        (await Begin()).IsTrial.ShouldBeTrue("nobody knows a password that is accepted");
        _trials.Wait("version 2").ShouldBe(TimeSpan.Zero);
        _trials.Wait("version 1").ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _trials.Wait("version 1").ShouldBeLessThanOrEqualTo(TimeSpan.Zero);
    }

    [Fact]
    public async Task Begin_OlderTryTimesOut_OneTriesAgainForAllOthers()
    {
        await Begin();
        var waiting = new[] { Begin(), Begin(), Begin() };

        // It says nothing of a server that has answered since.
        _trials.End(TimedOut);
        var next = await Task.WhenAny(waiting);
        (await next).ShouldBe((true, null));
        waiting.Count(one => one.IsCompleted).ShouldBe(1);

        // This one has begun after their calls.
        _trials.End(TimedOut);
        (await Task.WhenAll(waiting.Where(one => one != next))).ShouldAllBe(begun => begun.OfAnother == TimedOut);
    }

    [Fact]
    public async Task Begin_OtherPasswordsAreRefused_TriesItsOwn()
    {
        await Begin();
        var waiting = Begin("version 2");
        _trials.End(Refused);
        (await waiting).ShouldBe((true, null));
    }

    [Fact]
    public async Task Begin_CallerHangsUp_LeavesTheOthers()
    {
        await Begin();
        using var hangUp = new CancellationTokenSource();
        var (gone, waiting) = (Begin(cancel: hangUp.Token), Begin());
        await hangUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(gone);
        _trials.End(failure: null);
        (await waiting).ShouldBe((true, null));
    }

    private Task<(bool IsTrial, Failure? OfAnother)> Begin(string passwords = "version 1", CancellationToken cancel = default) =>
        _trials.BeginAsync(passwords, cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
}
