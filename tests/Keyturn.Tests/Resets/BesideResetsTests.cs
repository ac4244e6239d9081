using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>Verifying, adopting and dropping accounts while, and after, they are reset.</summary>
public sealed class BesideResetsTests
{
    private const string Wished = "Wished-for-4711!";

    [Fact]
    public async Task Verify_ChangedBehindOurBack_IsDrifted()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync(Wished);
        world.Server["app"] = "somebody-else";

        var verified = await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

        verified.Verdict.ShouldBe(Verdict.Drifted);
        (await world.Whole.Instances.FindAccountAsync(world.Instance.Id, World.App, default))!.DriftedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Verify_OlderVersionIsInForce_IsRestored()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync(Wished);
        await world.ResetAsync("Another-one-4712!");
        world.Server["app"] = Wished;

        var verified = await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

        verified.Verdict.ShouldBe(Verdict.Restored);
        (await world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task Verify_OlderVersionIsInForceOnOneNodeOnly_IsDrifted()
    {
        await using var world = await World.CreateAsync(nodes: 2);
        await world.ResetAsync(Wished);
        await world.ResetAsync("Another-one-4712!");
        world.Servers[1]["app"] = Wished;

        var verified = await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

        verified.Verdict.ShouldBe(Verdict.Drifted);
        (await world.ServedAsync()).ShouldBe("Another-one-4712!");
    }

    [Fact]
    public async Task Adopt_ResetRunsAfterThePasswordWasProved_TheNewerPasswordIsServed()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync("First-of-all-1!");
        Task<ResetOutcome>? reset = null;
        world.Server.OnLogin = async () =>
        {
            world.Server.OnLogin = () => Task.CompletedTask;
            reset = world.ResetAsync(Wished);
            await Task.WhenAny(reset, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        };

        await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("First-of-all-1!"), proof: null, default);
        (await reset!).Reset!.State.ShouldBe(ResetState.Done);

        (await world.ServedAsync()).ShouldBe(world.Server["app"]);
    }

    [Fact]
    public async Task Drop_ResetIsOpen_LeavesTheAccountOnTheServer()
    {
        await using var world = await World.CreateAsync();
        await world.DieAtAsync(Hop.Set, Wished);

        var refusal = await world.Roster.DropAsync(world.Caller, world.Instance, World.App, default);

        refusal!.Reason.ShouldBe(RefusalReason.Busy);
        world.Server["app"].ShouldBe(Wished);
    }

    [Fact]
    public async Task Adopt_OverAParkedReset_EndsItsSessionFirst()
    {
        await using var world = await World.CreateAsync();
        world.Server.Fates.Enqueue(Fate.LandLater);
        world.Server.CannotEndSessions = true;
        (await world.ResetAsync(Wished)).Reset!.State.ShouldBe(ResetState.Parked);
        var refused = await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default);
        refused.Refusal!.Error.ShouldBe(EngineError.AdminLacksPrivilege);

        world.Server.CannotEndSessions = false;
        var adopted = await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default);
        world.Server.LandPending();

        adopted.Refusal.ShouldBeNull();
        (await world.ServedAsync()).ShouldBe(world.Server["app"]);
    }

    [Fact]
    public async Task Verify_AnotherNodeResetsMeanwhile_SaysNothingOfAPasswordThatIsNoLongerCurrent()
    {
        await using var world = await World.CreateAsync();
        await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default);
        var verifier = world.Verifier;
        ResetOnAnotherNodeAfterTheNextLogin(world);

        var outcome = await verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

        outcome.Refusal!.Reason.ShouldBe(RefusalReason.Busy);
        (await world.ServedAsync()).ShouldBe(Wished);
    }

    [Fact]
    public async Task Adopt_AnotherNodeResetsMeanwhile_DoesNotServeThePasswordOfBefore()
    {
        await using var world = await World.CreateAsync();
        var adopter = world.Adopter;
        ResetOnAnotherNodeAfterTheNextLogin(world);

        var outcome = await adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default);

        outcome.Refusal.ShouldNotBeNull();
        world.Server["app"].ShouldBe(Wished);
        (await world.ServedAsync()).ShouldBe(Wished);
    }

    private static void ResetOnAnotherNodeAfterTheNextLogin(World world) => world.Server.OnLogin = async () =>
    {
        world.Server.OnLogin = () => Task.CompletedTask;
        world.StartAnotherNode();
        (await world.ResetAsync(Wished)).Reset!.State.ShouldBe(ResetState.Done);
    };
}
