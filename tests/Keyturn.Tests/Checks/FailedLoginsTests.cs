using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Checks;

/// <summary>Servers lock accounts after wrong passwords, whoever tried them.</summary>
public sealed class FailedLoginsTests
{
    private static readonly Lockout OneLeft = new(After: 3, Failed: 2);

    [Fact]
    public async Task Verify_DriftedWithoutAVerifierToRead_TriesOnceAMinute()
    {
        await using var world = await DriftedAsync();
        var before = world.Server.Logins;
        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Drifted);
        world.Server.Logins.ShouldBe(before + 1);

        for (var i = 0; i < 5; i++)
        {
            var held = await VerifyAsync(world);
            held.Verdict.ShouldBe(Verdict.Undecided);
            held.Failure!.Error.ShouldBe(EngineError.LoginHeldBack);
        }

        world.Server.Logins.ShouldBe(before + 1);
        world.Clock.Advance(FailedLogins.Pause);
        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Drifted);
        world.Server.Logins.ShouldBe(before + 2);
    }

    [Fact]
    public async Task Verify_AfterARefusedLogin_StillTellsDriftByTheVerifier()
    {
        await using var world = await DriftedAsync();
        await VerifyAsync(world);
        world.Server.HidesVerifiers = false;
        var before = world.Server.Logins;

        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Drifted);

        world.Server.Logins.ShouldBe(before);
    }

    [Fact]
    public async Task Verify_PasswordIsBackAfterARefusedLogin_IsProvedByALoginAtOnce()
    {
        await using var world = await DriftedAsync();
        await VerifyAsync(world);
        (world.Server.HidesVerifiers, world.Server["app"]) = (false, "The-given-One-4711!");
        var before = world.Server.Logins;

        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Verified);

        world.Server.Logins.ShouldBe(before + 1);
    }

    [Fact]
    public async Task Reset_RightAfterARefusedLogin_IsProvedByALogin()
    {
        await using var world = await DriftedAsync();
        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Drifted);

        (await world.ResetAsync("The-mended-One-4711!")).Reset!.State.ShouldBe(ResetState.Done);

        (await VerifyAsync(world)).Failure?.Error.ShouldBe(EngineError.LoginHeldBack, "that one would be a guess");
    }

    [Fact]
    public async Task Settle_ProofThatWasRefused_IsNotTriedAgainWithinAMinute()
    {
        await using var world = await World.CreateAsync();
        world.Server.LoginAnswers = new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "no"));
        var reset = (await world.ResetAsync("The-new-One-4711!")).Reset!;
        var before = world.Server.Logins;
        for (var i = 0; i < 3; i++)
        {
            await world.Reconciler.SettleAsync(reset.Id);
        }

        world.Server.Logins.ShouldBe(before);
        var parked = await world.LastResetAsync();
        parked.State.ShouldBe(ResetState.Parked);
        parked.Cause!.Error.ShouldBe(EngineError.WrongPassword);

        world.Server.LoginAnswers = null;
        world.Clock.Advance(FailedLogins.Pause);
        (await world.Reconciler.SettleAsync(reset.Id)).ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Settle_VerifiersAreHidden_LooksByOneRefusedLoginAMinute()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync("The-first-One-4711!");
        world.Server.HidesVerifiers = true;
        for (var i = 0; i < 6; i++)
        {
            world.Server.Fates.Enqueue(Fate.LoseRequest);
        }

        var before = world.Server.RefusedLogins;
        var reset = (await world.ResetAsync("The-second-One-4711!")).Reset!;
        for (var i = 0; i < 8 && reset.IsOpen; i++)
        {
            await world.Reconciler.SettleAsync(reset.Id);
            world.Clock.Advance(TimeSpan.FromSeconds(5));
            reset = await world.LastResetAsync();
        }

        reset.State.ShouldBe(ResetState.Done);
        (await world.ServedAsync()).ShouldBe("The-second-One-4711!");
        (world.Server.RefusedLogins - before).ShouldBe(1);
    }

    [Fact]
    public async Task Admin_PasswordRefused_IsTriedOnceAMinuteWhateverIsAsked()
    {
        await using var world = await World.CreateAsync();
        world.Server["admin"] = "changed behind our backs";
        var connections = 0;
        world.Server.OnConnect = () => connections++;
        for (var i = 0; i < 5; i++)
        {
            (await world.ResetAsync("The-new-One-4711!")).Refusal!.Error.ShouldBe(EngineError.AdminLoginRefused);
        }

        connections.ShouldBe(1);
        world.Clock.Advance(FailedLogins.Pause);
        await world.ResetAsync("The-new-One-4711!");
        connections.ShouldBe(2);

        // Nobody has to wait for a password that is given anew.
        (await world.Adopter.AdoptAsync(world.Caller, world.Instance, world.Instance.Admin, new Secret("changed behind our backs"), proof: null, default)).Refusal.ShouldBeNull();
        (await world.ResetAsync("The-new-One-4711!")).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Admin_PasswordRefused_ManyAtOnceAreOneLogin()
    {
        await using var world = await World.CreateAsync();
        world.Server["admin"] = "changed behind our backs";
        var (begun, connections) = (0, 0);
        world.Server.OnConnect = () =>
        {
            Interlocked.Increment(ref connections);
            SpinWait.SpinUntil(() => Volatile.Read(ref begun) == 20 && Volatile.Read(ref connections) > 1, TimeSpan.FromSeconds(1));
        };

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() =>
        {
            Interlocked.Increment(ref begun);
            return world.Resetter.RunAsync(world.Request() with { Account = new AccountName($"app{i}") }, default);
        })));

        outcomes.ShouldAllBe(outcome => outcome.Refusal!.Error == EngineError.AdminLoginRefused);
        connections.ShouldBe(1);
    }

    /// <summary>Its own reset is undecided, and the new password not in force: only who comes first meets a refusal, and only in that minute.</summary>
    [Fact]
    public async Task Admin_PendingPasswordIsNotInForce_IsTriedOnceAMinuteAndNotByAll()
    {
        await using var world = await World.CreateAsync();
        world.OnPrepare = async (intent, store) =>
        {
            await store.PrepareAsync(intent);
            return new PrepareResult(PrepareConflict.Unknown);
        };
        var undecided = await world.Resetter.RunAsync(world.Request("The-new-One-4711!") with { Account = world.Instance.Admin }, default);
        undecided.Reset!.State.ShouldBe(ResetState.Undecided);
        await world.RestartAsync();
        var refused = 0;
        world.Server.OnAdminRefused = () => Interlocked.Increment(ref refused);

        for (var i = 0; i < 3; i++)
        {
            await ConnectAnewAsync(world, 20);
        }

        refused.ShouldBe(1);
        world.Clock.Advance(FailedLogins.Pause);
        await ConnectAnewAsync(world, 20);
        refused.ShouldBe(1, "the one that was accepted comes first");
    }

    [Fact]
    public async Task Verify_AllRowsAreForOtherHosts_MakesNoLogin()
    {
        await using var world = await World.CreateAsync(traits: EngineTraits.LocksAccounts);
        world.Server.RowsAreForOtherHosts = true;
        (await world.ResetAsync("The-first-One-4711!")).Reset!.State.ShouldBe(ResetState.Done);
        var before = world.Server.Logins;

        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Verified);
        world.Server["app"] = "drifted";
        (await VerifyAsync(world)).Verdict.ShouldBe(Verdict.Drifted);

        world.Server.Logins.ShouldBe(before);
    }

    [Fact]
    public async Task Admin_ServerIsAway_ManyAtOnceAreToldSoAndTheNextOneTries()
    {
        await using var world = await World.CreateAsync();
        world.Server.IsDown = true;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.ResetAsync()));
        outcomes.ShouldAllBe(outcome => outcome.Refusal!.Error == EngineError.Unreachable);

        world.Server.IsDown = false;
        (await world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Check_WrongPasswordsLockTheAccount_TheVerifierSaysItWithoutALogin()
    {
        await using var world = await World.CreateAsync(traits: EngineTraits.LocksAccounts);
        world.Server.Lockout = OneLeft;

        var wrong = await CheckAsync(world, "wrong");

        wrong.Login!.Login.ShouldBe(Login.WrongPassword);
        wrong.Login.Failure!.Error.ShouldBe(EngineError.WrongPassword);
        world.Server.Logins.ShouldBe(0);
        (await CheckAsync(world, "old")).Login!.Login.ShouldBe(Login.Accepted);
        world.Server.Logins.ShouldBe(1, "success is proved by a login");
    }

    [Fact]
    public async Task Check_OneTryLeftAndNoVerifierToRead_TriesNone_AndIsNoGuess()
    {
        await using var world = await World.CreateAsync(traits: EngineTraits.LocksAccounts);
        (world.Server.Lockout, world.Server.HidesVerifiers) = (OneLeft, true);
        for (var i = 0; i < 10; i++)
        {
            var held = await CheckAsync(world, "wrong");
            held.Login!.Login.ShouldBe(Login.NoVerdict);
            held.Login.Failure!.Error.ShouldBe(EngineError.LoginHeldBack);
        }

        world.Server.Logins.ShouldBe(0);
        world.Server.Lockout = new Lockout(After: 3, Failed: 1);
        (await CheckAsync(world, "wrong")).Login!.Login.ShouldBe(Login.WrongPassword);
        world.Server.Logins.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyAndAdopt_OneTryLeft_TryNoPasswordThatMayBeWrong(bool hidesVerifiers)
    {
        await using var world = await World.CreateAsync(traits: EngineTraits.LocksAccounts);
        await world.ResetAsync("The-given-One-4711!");
        (world.Server["app"], world.Server.Lockout, world.Server.HidesVerifiers) = ("drifted", OneLeft, hidesVerifiers);
        var before = world.Server.Logins;

        (await VerifyAsync(world)).Verdict.ShouldBe(hidesVerifiers ? Verdict.Undecided : Verdict.Drifted);
        (await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("wrong"), proof: null, default)).Refusal.ShouldNotBeNull();

        world.Server.Logins.ShouldBe(before);
    }

    private static async Task<World> DriftedAsync()
    {
        var world = await World.CreateAsync();
        (await world.ResetAsync("The-given-One-4711!")).Reset!.State.ShouldBe(ResetState.Done);
        (world.Server["app"], world.Server.HidesVerifiers) = ("changed behind our backs", true);
        return world;
    }

    private static ValueTask<VerifyOutcome> VerifyAsync(World world) => world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

    private static async Task ConnectAnewAsync(World world, int count)
    {
        var node = world.Instance.Nodes[0];
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            var lent = await world.AdminSessions.LendAtAsync(world.Instance, node, default);
            lent.Value.ShouldNotBeNull().Discard();
            await lent.Value!.DisposeAsync();
        })));
    }

    private static ValueTask<CheckOutcome> CheckAsync(World world, string password) =>
        world.Checker.CheckAsync(world.Caller, world.Instance, World.App, new Secret(password), default);
}
