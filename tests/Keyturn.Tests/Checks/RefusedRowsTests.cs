using Keyturn.Access;
using Keyturn.Checks;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Checks;

/// <summary>Who asked, and was told nothing, is in the audit log as who was told something.</summary>
public sealed class RefusedRowsTests : IAsyncLifetime
{
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(InstanceStatus.Frozen, "InstanceFrozen")]
    [InlineData(InstanceStatus.Abnormal, "InstanceStatus")]
    public async Task CheckAndVerify_NothingIsTried_HaveARowEach(InstanceStatus status, string why)
    {
        var instance = _world.Instance with { Status = status };

        await _world.Checker.CheckAsync(_world.Caller, instance, World.App, new Secret("old"), default);
        await _world.Verifier.VerifyAsync(_world.Caller, instance, World.App, default);

        (await RowsAsync("account.check")).ShouldBe([$"refused app: {why}"]);
        (await RowsAsync("account.verify")).ShouldBe([$"refused app: {why}"]);
    }

    [Fact]
    public async Task VerifyAndReveal_OfAPasswordThatKeyturnHasNot_HaveARowEach()
    {
        (await _world.Verifier.VerifyAsync(_world.Caller, _world.Instance, World.App, default)).Refusal!.Reason.ShouldBe(RefusalReason.SecretMissing);
        RevealOutcome[] revealed =
        [
            await _world.Reader.RevealAsync(_world.Caller, _world.Instance, World.App, default),
            await _world.Reader.CandidatesAsync(_world.Caller, _world.Instance, World.App, default),
            await _world.Reader.HistoryAsync(_world.Caller, _world.Instance, World.App, default),
        ];

        revealed.ShouldAllBe(outcome => outcome.Refusal!.Reason == RefusalReason.SecretMissing);
        (await RowsAsync("account.verify")).ShouldBe(["refused app: SecretMissing"]);
        (await RowsAsync("account.reveal")).ShouldBe(Enumerable.Repeat("refused app: SecretMissing", 3));
    }

    /// <summary>Each minute again, as long as the instance is frozen: that would be the whole log.</summary>
    [Fact]
    public async Task Verify_ByKeyturnItself_HasARowOnceTheServerIsAsked()
    {
        await _world.ResetAsync("First-of-all-1!");
        var keyturn = Caller.Keyturn(_world.Instance.ProjectId);

        await _world.Verifier.VerifyAsync(keyturn, _world.Instance with { Status = InstanceStatus.Frozen }, World.App, default);
        await _world.Verifier.VerifyAsync(keyturn, _world.Instance, World.App, default);

        (await RowsAsync("account.verify")).ShouldBe(["Verified app: "]);
    }

    [Fact]
    public async Task Verify_CallerHangsUpDuringTheLogin_HasItsRow()
    {
        await _world.ResetAsync("First-of-all-1!");
        using var caller = new CancellationTokenSource();
        _world.Server.OnLogin = caller.CancelAsync;

        (await _world.Verifier.VerifyAsync(_world.Caller, _world.Instance, World.App, caller.Token)).Verdict.ShouldBe(Verdict.Verified);

        caller.IsCancellationRequested.ShouldBeTrue();
        (await RowsAsync("account.verify")).ShouldBe(["Verified app: "]);
    }

    private Task<IReadOnlyList<string>> RowsAsync(string action) => _world.Audit.RowsAsync(_world.Instance.ProjectId, action);
}
