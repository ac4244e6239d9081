using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Checks;

public sealed class CheckerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Check_AllNodesAccept_IsAccepted(int nodes)
    {
        await using var world = await World.CreateAsync(nodes, NodeRole.Peer);

        (await CheckAsync(world, "old")).Login.ShouldBe(Login.Accepted);

        world.Servers.ShouldAllBe(server => server.Logins == 1);
    }

    /// <summary>How long a server and its inspection take would tell whether it has the account.</summary>
    [Fact]
    public async Task Check_WrongPassword_IsToldNoSoonerThanTheNextStep()
    {
        await using var world = await World.CreateAsync();
        var began = TimeProvider.System.GetTimestamp();

        (await CheckAsync(world, "wrong")).Login.ShouldBe(Login.WrongPassword);

        // A timer may be some milliseconds early.
        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task Check_CallerHangsUpDuringTheLogin_HasItsRow()
    {
        await using var world = await World.CreateAsync();
        using var caller = new CancellationTokenSource();
        world.Server.OnLogin = () => caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await world.Checker.CheckAsync(world.Caller, world.Instance, World.App, new Secret("wrong"), caller.Token));

        (await world.Audit.RowsAsync(world.Instance.ProjectId, "account.check")).ShouldBe(["WrongPassword app: "]);
    }

    [Fact]
    public async Task Check_OnePeerHasAnother_IsWrongAndSaysWhoAccepts()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[0]["app"] = "changed behind the other's back";

        var login = await CheckAsync(world, "old");

        login.Login.ShouldBe(Login.WrongPassword);
        login.Failure!.Detail.ShouldBe("node1:1: refused Accepted by node2:1.");
    }

    [Fact]
    public async Task Check_OnePeerIsDown_IsNoVerdictOnThePassword()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1].IsDown = true;

        (await CheckAsync(world, "old")).Login.ShouldBe(Login.Unreachable);
    }

    [Theory]
    [InlineData(EngineError.AccountExpired)]
    [InlineData(EngineError.LoginNotPermitted)]
    [InlineData(EngineError.TlsRequired)]
    public async Task Check_StateThatIsToldAsAWrongPassword_IsToldApart(EngineError obstacle)
    {
        await using var world = await World.CreateAsync();
        world.Server.Obstacle = obstacle;
        world.Server.LoginAnswers = new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "refused"));

        var right = await CheckAsync(world, "old");
        var wrong = await CheckAsync(world, "another");

        (right.Login, right.Failure!.Error).ShouldBe((Login.Refused, obstacle));
        (wrong.Login, wrong.Failure!.Error).ShouldBe((Login.WrongPassword, EngineError.WrongPassword));
    }

    [Fact]
    public async Task Check_ExpiredAndNobodyMayReadTheVerifier_IsNoVerdict()
    {
        await using var world = await World.CreateAsync();
        (world.Server.Obstacle, world.Server.HidesVerifiers) = (EngineError.AccountExpired, true);
        world.Server.LoginAnswers = new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "refused"));

        (await CheckAsync(world, "old")).Login.ShouldBe(Login.NoVerdict);

        world.Server.Obstacle = EngineError.LoginNotPermitted;
        (await CheckAsync(world, "old")).Login.ShouldBe(Login.WrongPassword, "that one is told apart by the server");
    }

    [Fact]
    public async Task Check_AdminIsShutOut_IsWhatTheLoginSaid()
    {
        await using var world = await World.CreateAsync();
        world.Server.Obstacle = EngineError.AccountExpired;
        world.Server.LoginAnswers = new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "refused"));
        world.Server["admin"] = "changed behind our back";

        (await CheckAsync(world, "old")).Login.ShouldBe(Login.WrongPassword);
    }

    [Fact]
    public async Task Verify_ExpiredAccount_HasNotDriftedAndSaysWhy()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync("First-of-all-1!");
        world.Server.Obstacle = EngineError.LoginNotPermitted;
        world.Server.LoginAnswers = new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "refused"));

        var verified = await world.Verifier.VerifyAsync(world.Caller, world.Instance, World.App, default);

        (verified.Verdict, verified.Failure!.Error).ShouldBe((Verdict.Undecided, EngineError.LoginNotPermitted));
    }

    private static async Task<LoginResult> CheckAsync(World world, string password) =>
        (await world.Checker.CheckAsync(world.Caller, world.Instance, World.App, new Secret(password), default)).Login!;
}
