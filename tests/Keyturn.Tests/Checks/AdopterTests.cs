using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
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

    [Theory]
    [InlineData(false, "refused app: WrongPassword; proof: Login")]
    [InlineData(true, "abandoned app: proof: Login")]
    public async Task Adopt_CallerHangsUpDuringTheLogin_HasARow(bool isGivenUp, string row)
    {
        await using var world = await World.CreateAsync();
        using var caller = new CancellationTokenSource();
        world.Server.OnLogin = async () =>
        {
            await caller.CancelAsync();
            (isGivenUp ? caller.Token : default).ThrowIfCancellationRequested();
        };

        await Should.ThrowAsync<OperationCanceledException>(() => AdoptAsync(world, "wrong", caller.Token));

        (await RowsAsync(world)).ShouldBe([row]);
    }

    private static Task<IReadOnlyList<string>> RowsAsync(World world) => world.Audit.RowsAsync(world.Instance.ProjectId, "account.adopt");

    private static async Task<AdoptOutcome> AdoptAsync(World world, string password, CancellationToken cancel = default) =>
        await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret(password), proof: null, cancel);
}
