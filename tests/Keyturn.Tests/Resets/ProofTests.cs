using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>What proves a reset, and what does not.</summary>
public sealed class ProofTests
{
    private const string Wished = "Wished-for-4711!";

    [Fact]
    public async Task Run_ProofIsRefused_IsParkedWithTheReasonAndBothPasswordsAreKept()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync("First-of-all-1!");
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));

        var outcome = await world.ResetAsync(Wished);

        outcome.Reset!.State.ShouldBe(ResetState.Parked);
        outcome.Reset.Cause!.Error.ShouldBe(EngineError.AccountLocked);
        (await world.Store.CountUnsettledAsync(world.Instance.ProjectId, default)).Values.Sum().ShouldBe(1);
        (await world.Store.CountUnsettledAsync(Guid.NewGuid(), default)).Values.Sum().ShouldBe(0);
        var candidates = await world.Reader.CandidatesAsync(world.Caller, world.Instance, World.App, default);
        candidates.Versions.Select(version => version.Password.Reveal()).ShouldBe([Wished, "First-of-all-1!"]);
    }

    [Fact]
    public async Task Run_OneRowOfSeveralIsLocked_IsProvedByTheVerifierAndSaysSo()
    {
        await using var world = await World.CreateAsync();
        (world.Server.HasSecondRow, world.Server.Obstacle) = (true, EngineError.AccountLocked);
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Reset.Nodes[0].Proof.ShouldBe(ProofMode.Readback);
    }

    [Fact]
    public async Task Run_OneRowOfSeveralIsLockedAndVerifiersAreHidden_IsNoProof()
    {
        await using var world = await World.CreateAsync();
        (world.Server.HasSecondRow, world.Server.HidesVerifiers) = (true, true);
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.AccountLocked, "locked"));

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Parked);
        outcome.Reset.Cause!.Error.ShouldBe(EngineError.AccountLocked);
    }

    [Theory]
    [InlineData(EngineError.AccountLocked)]
    [InlineData(EngineError.AccountExpired)]
    [InlineData(EngineError.LoginNotPermitted)]
    public async Task Run_AccountThatCannotLogIn_IsRefusedUnchangedAndProvableByReadback(EngineError obstacle)
    {
        await using var world = await World.CreateAsync();
        world.Server.Obstacle = obstacle;

        (await world.ResetAsync()).Refusal!.Error.ShouldBe(obstacle);
        world.Server.Changes.ShouldBe(0);

        (await world.ResetAsync(proof: ProofMode.Readback)).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Run_ProofModeReadback_NeverLogsIn()
    {
        await using var world = await World.CreateAsync();
        world.Server.LoginAnswers = new LoginResult(Login.Refused, new Failure(EngineError.LoginNotPermitted, "NOLOGIN"));

        var outcome = await world.ResetAsync(proof: ProofMode.Readback);

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Reset.Nodes[0].Proof.ShouldBe(ProofMode.Readback);
        world.Server.Logins.ShouldBe(0);
    }

    [Fact]
    public async Task Run_NotAskedForThePassword_IsNoProof()
    {
        await using var world = await World.CreateAsync();
        world.Server.LoginAnswers = new LoginResult(Login.NotChecked);

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Parked);
        outcome.Reset.Cause!.Error.ShouldBe(EngineError.PasswordNotAsked);
    }

    [Fact]
    public async Task Run_AllRowsAreForOtherHosts_TheVerifierIsTheProofAndTheAnswerSaysSo()
    {
        await using var world = await World.CreateAsync();
        world.Server.RowsAreForOtherHosts = true;
        world.Server.LoginAnswers = new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "no row for this host"));

        var outcome = await world.ResetAsync();

        outcome.Reset!.State.ShouldBe(ResetState.Done);
        outcome.Reset.Nodes[0].Proof.ShouldBe(ProofMode.Readback);
        world.Server.Logins.ShouldBe(0, "the server would count it against somebody");
    }

    [Fact]
    public async Task Run_LetInThroughAnotherRow_IsNoProof()
    {
        await using var world = await World.CreateAsync();
        world.Server.LoginAnswers = LoginResult.Accepted with { Row = new AccountName("app", "%") };

        var outcome = await world.Resetter.RunAsync(world.Request() with { Account = new AccountName("app", "10.0.0.1") }, default);

        outcome.Reset!.State.ShouldBe(ResetState.Parked);
        outcome.Reset.Cause!.Error.ShouldBe(EngineError.LoginNotPermitted);
    }
}
