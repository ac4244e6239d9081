using Keyturn.Access;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Checks;

public sealed class GuessLimitsTests
{
    [Fact]
    public async Task Check_FiveWrongOnes_ThenEachCostsTwiceTheTime_AndNoLogin()
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            (await CheckAsync(world, "wrong")).Login!.Login.ShouldBe(Login.WrongPassword);
        }

        var logins = world.Server.Logins;
        foreach (var pause in new[] { 1, 2, 4, 8 })
        {
            var refused = await CheckAsync(world, "old");
            refused.Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses, "a right one is refused too: else the pause would tell it");
            refused.Refusal.RetryAfter!.Value.ShouldBe(TimeSpan.FromSeconds(pause));
            world.Clock.Advance(TimeSpan.FromSeconds(pause));
            (await CheckAsync(world, "wrong")).Login!.Login.ShouldBe(Login.WrongPassword);
        }

        world.Server.Logins.ShouldBe(logins + 4);
    }

    [Fact]
    public async Task Check_VeryManyWrongOnes_WaitNoLongerThanTenMinutes_AndAQuietDayIsANewStart()
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 40; i++)
        {
            await CheckAsync(world, "wrong");
            world.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        await CheckAsync(world, "wrong");
        (await CheckAsync(world, "wrong")).Refusal!.RetryAfter!.Value.ShouldBe(TimeSpan.FromMinutes(10));

        world.Clock.Advance(IGuessStore.QuietTime + TimeSpan.FromSeconds(1));
        for (var i = 0; i < 5; i++)
        {
            (await CheckAsync(world, "wrong")).Login.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Check_TheRightOne_ForgetsWhatTheAccountHad()
    {
        await using var world = await CreateAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                (await CheckAsync(world, "wrong")).Login.ShouldNotBeNull();
            }

            (await CheckAsync(world, "old")).Login!.Login.ShouldBe(Login.Accepted);
        }
    }

    [Fact]
    public async Task Adopt_AndCheck_AreCountedTogether()
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            (await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("wrong"), proof: null, default)).Refusal!.Error.ShouldBe(EngineError.WrongPassword);
        }

        (await CheckAsync(world, "old")).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
        (await world.Adopter.AdoptAsync(world.Caller, world.Instance, World.App, new Secret("old"), proof: null, default)).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
    }

    [Fact]
    public async Task Check_OneTryForEachOfManyAccounts_IsLimitedByWhoTries()
    {
        await using var world = await CreateAsync();
        var guesses = new List<GuessLimits.Guess>();
        for (var i = 0; i < 54; i++)
        {
            guesses.Add(await world.Limits.BeginAsync(world.Caller, world.Instance, new AccountName($"user{i}"), default));
        }

        // Begun before any is known to be wrong: four more than are free.
        foreach (var guess in guesses)
        {
            guess.Wait.ShouldBe(TimeSpan.Zero);
            await guess.WasWrongAsync();
            guess.Dispose();
        }

        (await CheckAsync(world, "wrong", new AccountName("another"))).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
        var other = world.Caller with { PrincipalId = Guid.NewGuid(), Source = "192.0.2.7" };
        (await CheckAsync(world, "wrong", new AccountName("another"), other)).Login.ShouldNotBeNull();
        (await CheckAsync(world, "wrong", new AccountName("another"), other with { Source = world.Caller.Source })).Refusal.ShouldNotBeNull("the address is counted by itself");
    }

    [Fact]
    public async Task Check_AnotherHostForEachTry_IsNoWayAroundIt()
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            using var guess = await world.Limits.BeginAsync(world.Caller, world.Instance, new AccountName("app", $"10.0.0.{i}"), default);
            guess.Wait.ShouldBe(TimeSpan.Zero);
            await guess.WasWrongAsync();
        }

        using var refused = await world.Limits.BeginAsync(world.Caller, world.Instance, new AccountName("app", "10.0.0.9"), default);
        refused.Wait.ShouldBe(TimeSpan.FromSeconds(1));
    }

    /// <summary>Registering tries a password on any server there is, and so does a change of a registration.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Register_WrongAdminPasswords_AreGuessesAtThatServersLogin(bool isChange)
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            (await TryAsync("wrong")).Refusal!.Error.ShouldBe(EngineError.AdminLoginRefused);
        }

        var logins = world.Server.Logins;
        var refused = (await TryAsync("admin-secret")).Refusal!;
        (refused.Reason, refused.RetryAfter).ShouldBe((RefusalReason.TooManyGuesses, TimeSpan.FromSeconds(1)));
        world.Server.Logins.ShouldBe(logins);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        (await TryAsync("admin-secret")).Refusal?.Reason.ShouldBe(RefusalReason.Conflict, "the server is registered already");

        ValueTask<RegisterOutcome> TryAsync(string password)
        {
            var draft = world.Draft(world.Instance.Nodes) with { AdminPassword = new Secret(password) };
            return isChange
                ? world.Registrar.ChangeAsync(world.Caller, world.Instance, draft, default)
                : world.Registrar.RegisterAsync(world.Caller, draft with { Name = "another" }, default);
        }
    }

    /// <summary>One of the nodes may be the caller's own, and let anything in; or lie down, so that something else is told.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Register_RefusedByOneOfSeveralNodes_IsAGuessWhateverTheAnswerIs(bool firstAccepts)
    {
        await using var world = await CreateAsync(nodes: 2, traits: EngineTraits.PrimaryMoves, registered: 1);
        (world.Servers[0]["admin"], world.Servers[0].IsDown) = (firstAccepts ? "wrong" : "any", !firstAccepts);
        world.Servers[1]["admin"] = "admin-secret";
        var draft = world.Draft(world.Servers.Select(World.NodeOf)) with { Name = "another", AdminPassword = new Secret("wrong"), IsClone = true };
        for (var i = 0; i < 5; i++)
        {
            var tried = await world.Registrar.RegisterAsync(world.Caller, draft with { Name = $"another-{i}" }, default);
            (tried.Refusal is null).ShouldBe(firstAccepts, tried.Refusal?.Detail);
        }

        var refused = (await world.Registrar.RegisterAsync(world.Caller, draft with { AdminPassword = new Secret("admin-secret") }, default)).Refusal;
        refused.ShouldNotBeNull().Reason.ShouldBe(RefusalReason.TooManyGuesses);
    }

    /// <summary>Each with a server of the caller's own before the one that is guessed at.</summary>
    [Fact]
    public async Task Register_ManyAtOnce_AreCountedByEachOfTheirNodes()
    {
        await using var world = await CreateAsync();
        var guesses = new List<GuessLimits.Guess>();
        for (var i = 0; i < 40; i++)
        {
            guesses.Add(await world.Limits.BeginRegistrationAsync(world.Caller, [new Node($"mine{i}", 1), new Node(i % 2 == 0 ? "victim" : "Victim.", 1)], world.Instance.Admin, default));
        }

        guesses.Count(guess => guess.Wait == TimeSpan.Zero).ShouldBe(32);
        guesses.ForEach(guess => guess.Dispose());
        using var next = await world.Limits.BeginRegistrationAsync(world.Caller, [new Node("victim", 1)], world.Instance.Admin, default);
        next.Wait.ShouldBe(TimeSpan.Zero);
    }

    /// <summary>All of them may be names of one server.</summary>
    [Theory]
    [InlineData(true, 6)]
    [InlineData(false, 1)]
    public async Task Register_AtManyAddresses_IsRefusedByFew(bool firstAccepts, int most)
    {
        await using var world = await CreateAsync(nodes: 20, traits: EngineTraits.PrimaryMoves, registered: 1);
        foreach (var server in world.Servers.Skip(firstAccepts ? 1 : 0))
        {
            (server["admin"], server.IsReadOnly) = ("another", true);
        }

        var draft = world.Draft(world.Servers.Select(World.NodeOf)) with { Name = "another", AdminPassword = new Secret("admin-secret"), IsClone = true };
        await world.Registrar.RegisterAsync(world.Caller, draft, default);

        world.Servers.Sum(server => server.RefusedLogins).ShouldBeInRange(1, most);
    }

    /// <summary>A server that takes its time with wrong passwords tells them by that: to who hangs up, or waits no longer.</summary>
    [Fact]
    public async Task Check_ServerDoesNotSayWhatItThinks_IsAGuess()
    {
        await using var world = await CreateAsync();
        world.Server.LoginAnswers = new LoginResult(Login.Unreachable, new Failure(EngineError.TimedOut, "no answer")) { WasLeftOpen = true };
        for (var i = 0; i < 5; i++)
        {
            (await CheckAsync(world, "wrong")).Login!.Login.ShouldBe(Login.Unreachable);
        }

        (await CheckAsync(world, "old")).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
    }

    [Fact]
    public async Task Check_CallerHangsUp_IsAGuessAllTheSame()
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            using var hangUp = new CancellationTokenSource();
            world.Server.OnLogin = hangUp.CancelAsync;
            await Should.ThrowAsync<OperationCanceledException>(async () => await world.Checker.CheckAsync(world.Caller, world.Instance, World.App, new Secret("wrong"), hangUp.Token));
        }

        world.Server.OnLogin = () => Task.CompletedTask;
        (await CheckAsync(world, "old")).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
        (await world.Whole.Audit.ListAsync(world.Instance.ProjectId, 100, default)).Count(row => row.Entry.Action == "account.check").ShouldBe(6);
    }

    [Fact]
    public async Task Check_ServerIsDown_CountsNothing()
    {
        await using var world = await CreateAsync();
        world.Server.IsDown = true;
        for (var i = 0; i < 10; i++)
        {
            (await CheckAsync(world, "wrong")).Login!.Login.ShouldBe(Login.Unreachable);
        }

        world.Server.IsDown = false;
        (await CheckAsync(world, "old")).Login!.Login.ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Check_ManyAtOnce_AreNoWayAroundIt()
    {
        await using var world = await CreateAsync();
        await CheckAsync(world, "wrong");
        var release = new TaskCompletionSource();
        world.Server.OnLogin = () => release.Task;

        var running = Enumerable.Range(0, 50).Select(_ => CheckAsync(world, "wrong")).ToList();
        release.SetResult();
        var ended = await Task.WhenAll(running);

        ended.Count(outcome => outcome.Login is not null).ShouldBeLessThanOrEqualTo(4);
        (await CheckAsync(world, "old")).Refusal!.Reason.ShouldBe(RefusalReason.TooManyGuesses);
    }

    [Fact]
    public async Task SignIn_KnownOrNot_IsCountedByTheName()
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            using var guess = await world.Limits.BeginSignInAsync("acme/nobody", "192.0.2.7", default);
            guess.Wait.ShouldBe(TimeSpan.Zero);
            await guess.WasWrongAsync();
        }

        using var refused = await world.Limits.BeginSignInAsync("acme/nobody", "192.0.2.8", default);
        refused.Wait.ShouldBe(TimeSpan.FromSeconds(1));
        using var another = await world.Limits.BeginSignInAsync("acme/ann", "192.0.2.7", default);
        another.Wait.ShouldBe(TimeSpan.Zero);
    }

    /// <summary>Who has one address of IPv6 has all of its network.</summary>
    [Theory]
    [InlineData("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", true)]
    [InlineData("2001:db8:1:2::7", "2001:db8:1:3::7", false)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public async Task SignIn_FromManyAddresses_IsCountedByTheNetwork(string first, string second, bool isOne)
    {
        await using var world = await CreateAsync();
        for (var i = 0; i < 50; i++)
        {
            using var guess = await world.Limits.BeginSignInAsync($"acme/nobody{i}", first, default);
            await guess.WasWrongAsync();
        }

        using var next = await world.Limits.BeginSignInAsync("acme/ann", second, default);
        (next.Wait > TimeSpan.Zero).ShouldBe(isOne);

        // Who sign in at an address do not stand in the way of who call from there.
        using var check = await world.Limits.BeginAsync(world.Caller with { Source = first }, world.Instance, World.App, default);
        check.Wait.ShouldBe(TimeSpan.Zero);
    }

    /// <summary>Its clock goes on only when told to: the first pause is a second, which a slow machine may spend between two tries.</summary>
    private static async Task<World> CreateAsync(int nodes = 1, EngineTraits? traits = null, int? registered = null)
    {
        var world = await World.CreateAsync(nodes, traits: traits, registered: registered);
        world.Clock.Freeze();
        return world;
    }

    private static async Task<CheckOutcome> CheckAsync(World world, string password, AccountName? account = null, Caller? caller = null) =>
        await world.Checker.CheckAsync(caller ?? world.Caller, world.Instance, account ?? World.App, new Secret(password), default);
}
