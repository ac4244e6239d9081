using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Checks;

public sealed class AdopterTests
{
    [Fact]
    public async Task Adopt_WrongPassword_HasARow()
    {
        await using var world = await World.CreateAsync();

        (await AdoptAsync(world, "wrong")).Refusal!.Error.ShouldBe(EngineError.WrongPassword);
        (await AdoptAsync(world, "old")).Refusal.ShouldBeNull();

        (await RowsAsync(world)).ShouldBe(["refused app: WrongPassword; proof: Login", "done app: proof: Login"]);
    }

    [Fact]
    public async Task Adopt_TooManyGuesses_HasARow()
    {
        await using var world = await World.CreateAsync();
        for (var guess = 0; guess < 6; guess++)
        {
            await AdoptAsync(world, "wrong");
        }

        (await AdoptAsync(world, "wrong")).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);

        (await RowsAsync(world))[^1].ShouldBe("refused app: TooManyGuesses");
    }

    [Theory]
    [InlineData(InstanceStatus.Frozen, "InstanceFrozen")]
    [InlineData(InstanceStatus.Abnormal, "InstanceStatus")]
    public async Task Adopt_NothingIsTried_HasARow(InstanceStatus status, string why)
    {
        await using var world = await World.CreateAsync();

        await world.Adopter.AdoptAsync(world.Caller, world.Instance with { Status = status }, World.App, new Secret("old"), proof: null, default);

        (await RowsAsync(world)).ShouldBe([$"refused app: {why}"]);
    }

    [Fact]
    public async Task Adopt_CallerHangsUpDuringTheLogin_HasItsRow()
    {
        await using var world = await World.CreateAsync();
        using var caller = new CancellationTokenSource();
        world.Server.OnLogin = caller.CancelAsync;

        await Should.ThrowAsync<OperationCanceledException>(() => AdoptAsync(world, "wrong", caller.Token));

        (await RowsAsync(world)).ShouldBe(["refused app: WrongPassword; proof: Login"]);
    }

    /// <summary>A pause holds for what Keyturn would say by itself, too: this password is valid still.</summary>
    [Fact]
    public async Task Adopt_OldPasswordAfterManyGuesses_IsNotTold()
    {
        await using var world = await World.CreateAsync();
        world.Server.KeepsOldPasswords = true;
        await AdoptAsync(world, "old");
        (await world.ResetAsync("The-new-One-4711!", keepOldFor: TimeSpan.FromHours(1))).Reset!.State.ShouldBe(ResetState.Done);
        (await AdoptAsync(world, "old")).Refusal!.Reason.ShouldBe(RefusalReason.Conflict);
        for (var i = 0; i < 5; i++)
        {
            (await AdoptAsync(world, "wrong")).Refusal!.Error.ShouldBe(EngineError.WrongPassword);
        }

        (await AdoptAsync(world, "old")).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
    }

    [Fact]
    public async Task Adopt_ByReadbackOfNoAccount_IsToldAsAWrongPassword()
    {
        await using var world = await World.CreateAsync();
        var wrong = await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("wrong"), ProofMode.Readback, default);
        var none = await world.Adopter.AdoptAsync(world.Caller, world.Instance, new AccountName("nobody"), new Secret("wrong"), ProofMode.Readback, default);

        (none.Refusal!.Error, none.Refusal.Detail).ShouldBe((EngineError.WrongPassword, wrong.Refusal!.Detail));
    }

    private static Task<IReadOnlyList<string>> RowsAsync(World world) => world.Audit.RowsAsync(world.Instance.ProjectId, "account.adopt");

    private static async Task<AdoptOutcome> AdoptAsync(World world, string password, CancellationToken cancel = default) =>
        await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret(password), proof: null, cancel);
}
