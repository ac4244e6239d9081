using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Instances;

public sealed class RosterTests
{
    [Fact]
    public async Task Drop_HeldAccount_IsGoneAndForgotten()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync();

        (await DropAsync(world)).ShouldBeNull();

        world.Server["app"].ShouldBeNull();
        (await world.Whole.Instances.FindAccountAsync(world.Instance.Id, World.App, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Drop_AnswerIsLostAndTheAccountGone_IsDone()
    {
        await using var world = await World.CreateAsync();
        world.Server.DropFates.Enqueue(Fate.ApplyAndLoseAnswer);

        (await DropAsync(world)).ShouldBeNull();
    }

    [Fact]
    public async Task Drop_RequestIsLostAndItsSessionEnded_IsRefusedAndTheAccountKept()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync();
        world.Server.DropFates.Enqueue(Fate.LoseRequest);

        (await DropAsync(world))!.Error.ShouldBe(EngineError.ConnectionLost);

        (await world.ServedAsync()).ShouldBe(world.Server["app"]);
    }

    [Fact]
    public async Task Drop_RequestIsLostAndItsSessionMayLive_SaysThatItMayStillHappen()
    {
        await using var world = await World.CreateAsync();
        world.Server.DropFates.Enqueue(Fate.LoseRequest);
        world.Server.CannotEndSessions = true;

        (await DropAsync(world))!.Detail.ShouldContain("may be gone, now or later");
    }

    [Fact]
    public async Task Drop_ProvidersOwnAccount_IsProtected()
    {
        await using var world = await World.CreateAsync();
        world.Server["rdsRepl"] = "the provider's";

        (await world.Roster.DropAsync(world.Caller, world.Instance, new AccountName("rdsRepl"), default))!.Reason.ShouldBe(RefusalReason.Protected);

        world.Server["rdsRepl"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Drop_MissingAccount_SaysSo()
    {
        await using var world = await World.CreateAsync();

        (await world.Roster.DropAsync(world.Caller, world.Instance, new AccountName("nobody"), default))!.Error.ShouldBe(EngineError.AccountMissing);
    }

    [Fact]
    public async Task Drop_AdminLogin_IsRefused()
    {
        await using var world = await World.CreateAsync();

        (await world.Roster.DropAsync(world.Caller, world.Instance, world.Instance.Admin, default))!.Reason.ShouldBe(RefusalReason.Protected);
    }

    private static async Task<Refusal?> DropAsync(World world) => await world.Roster.DropAsync(world.Caller, world.Instance, World.App, default);
}
