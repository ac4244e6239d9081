using Keyturn.Engines;

namespace Keyturn.Tests.Engines;

public sealed class NodePoolTests
{
    private static readonly Failure Refused = new(EngineError.AdminLoginRefused, "28P01");
    private static readonly Failure TimedOut = new(EngineError.TimedOut, "nothing came");

    private readonly NodePool _pool = new(places: 4);

    [Fact]
    public async Task Begin_AnotherTriesAndIsRefused_IsRefusedWithoutATry()
    {
        (await Begin()).IsTrial.ShouldBeTrue();
        var waiting = Begin();
        _pool.EndTrial(Refused);
        (await waiting).ShouldBe((false, Refused));
    }

    [Fact]
    public async Task Begin_AnotherIsAccepted_AllTryAtOnce()
    {
        await Begin();
        var waiting = new[] { Begin(), Begin() };
        _pool.Learn("version 1", isAccepted: true);
        _pool.EndTrial(failure: null);
        (await Task.WhenAll(waiting)).ShouldAllBe(begun => begun.IsTrial == false && begun.OfAnother == null);
        (await Begin()).ShouldBe((false, null));
    }

    [Fact]
    public async Task Begin_OlderTryTimesOut_OneTriesAgainForAllOthers()
    {
        await Begin();
        var waiting = new[] { Begin(), Begin(), Begin() };

        // It says nothing of a server that has answered since.
        _pool.EndTrial(TimedOut);
        var next = await Task.WhenAny(waiting);
        (await next).ShouldBe((true, null));
        waiting.Count(one => one.IsCompleted).ShouldBe(1);

        // This one has begun after their calls.
        _pool.EndTrial(TimedOut);
        (await Task.WhenAll(waiting.Where(one => one != next))).ShouldAllBe(begun => begun.OfAnother == TimedOut);
    }

    [Fact]
    public async Task Begin_OtherPasswordsAreRefused_TriesItsOwn()
    {
        await Begin();
        var waiting = Begin("version 2");
        _pool.EndTrial(Refused);
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
        _pool.EndTrial(failure: null);
        (await waiting).ShouldBe((true, null));
    }

    private Task<(bool IsTrial, Failure? OfAnother)> Begin(string passwords = "version 1", CancellationToken cancel = default) =>
        _pool.BeginAsync(passwords, cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
}
