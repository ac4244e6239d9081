using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Sessions;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Sessions;

/// <summary>Which sessions are older than the present password.</summary>
public sealed class OldSessionsTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private World _world = null!;

    private SimulatedServer Server => _world.Server;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Count_SessionsOfBeforeAndAfter_AreToldApart(bool byTime)
    {
        Server.SessionClock = byTime ? _world.Clock : null;
        Server.Stay("app");
        Server.Stay("app");
        Server.Stay("other");
        _world.Clock.Advance(Minute);
        await _world.ResetAsync();
        _world.Clock.Advance(Minute);
        Server.Stay("app");

        var node = (await CountAsync()).Nodes.ShouldHaveSingleItem();

        (node.Old, node.Unclear, node.New, node.Failure).ShouldBe((2, 0, 1, null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_EndsTheOldOnesOfTheAccountAndNoOther(bool byTime)
    {
        Server.SessionClock = byTime ? _world.Clock : null;
        var old = Server.Stay("app");
        var other = Server.Stay("other");
        _world.Clock.Advance(Minute);
        await _world.ResetAsync();
        _world.Clock.Advance(Minute);
        var later = Server.Stay("app");

        var outcome = await _world.Sessions.EndAsync(_world.Caller, _world.Instance, World.App);

        outcome.Nodes[0].Ended.ShouldBe(1);
        (Server.IsOpen(old), Server.IsOpen(other), Server.IsOpen(later)).ShouldBe((false, true, true));
        (await CountAsync()).Nodes[0].Old.ShouldBe(0);
        var audit = (await _world.Whole.Audit.ListAsync(_world.Instance.ProjectId, 1, default))[0].Entry;
        (audit.Action, audit.Outcome, audit.Detail).ShouldBe(("account.end_sessions", "done", "1 ended"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_ANodeHasJoinedSince_LeavesSessionsOfTheSamePassword(bool byTime)
    {
        await using var world = await World.CreateAsync(nodes: 3, traits: EngineTraits.ChangeIsPerNode, registered: 2);
        var server = world.Servers[0];
        server.SessionClock = byTime ? world.Clock : null;
        var old = server.Stay("app");
        world.Clock.Advance(Minute);
        await world.ResetAsync();
        world.Clock.Advance(Minute);
        var present = server.Stay("app");
        world.Clock.Advance(Minute);
        await world.RegisterNodesAsync(world.Servers.Select(World.NodeOf));
        await world.Join.RunDueAsync(default);
        (await world.ReadAsync()).Joining.ShouldBeEmpty();

        var ended = await world.Sessions.EndAsync(world.Caller, world.Instance, World.App);

        (ended.Nodes[0].Old, ended.Nodes[0].Ended, ended.Nodes[0].New).ShouldBe((1, 1, 1));
        (server.IsOpen(old), server.IsOpen(present)).ShouldBe((false, true));
        ended.Reset!.Operation.ShouldNotBe(PasswordSpread.Operation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Count_AnOldPasswordIsValidBeside_LaterSessionsAreUnclear(bool byTime)
    {
        Server.SessionClock = byTime ? _world.Clock : null;
        await _world.ResetAsync();
        Server.Stay("app");
        _world.Clock.Advance(Minute);
        await _world.ResetAsync(keepOldFor: Minute * 10);
        _world.Clock.Advance(Minute);
        Server.Stay("app");

        var during = (await CountAsync()).Nodes[0];
        (during.Old, during.Unclear, during.New).ShouldBe((1, 1, 0));

        await _world.Resetter.RunAsync(_world.DiscardOld(), default);
        _world.Clock.Advance(Minute);
        Server.Stay("app");
        var after = (await CountAsync()).Nodes[0];
        (after.Old, after.Unclear + after.New).ShouldBe((1, 2));
        after.New.ShouldBe(byTime ? 1 : 0);
    }

    [Fact]
    public async Task Count_RecoveryEndedTheReset_NumbersOfBeforeItsProofAreUnclear()
    {
        Server.Stay("app");
        await _world.DieAtAsync(Hop.Set, "Wished-for-4711!");
        Server.Stay("app");
        await _world.Reconciler.RunDueAsync(default);

        var node = (await CountAsync()).Nodes[0];

        (node.Old, node.Unclear).ShouldBe((0, 2));
    }

    [Fact]
    public async Task Count_ServerWasRestartedSince_AllSessionsAreNew()
    {
        await _world.ResetAsync();
        Server.Restart();
        await _world.RestartAsync();
        Server.Stay("app");

        (await CountAsync()).Nodes[0].New.ShouldBe(1);
    }

    [Fact]
    public async Task Count_AdminIsNotShownSessions_SaysWhyAndNotZero()
    {
        await _world.ResetAsync();
        Server.HidesSessions = new Failure(EngineError.AdminLacksPrivilege, "GRANT PROCESS");

        var node = (await CountAsync()).Nodes.ShouldHaveSingleItem();

        node.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
    }

    [Fact]
    public async Task End_SessionCannotBeEnded_SaysSo()
    {
        Server.Stay("app");
        await _world.ResetAsync();
        Server.CannotEndSessions = true;

        var node = (await _world.Sessions.EndAsync(_world.Caller, _world.Instance, World.App)).Nodes[0];

        (node.Old, node.Ended, node.Failure!.Error).ShouldBe((1, 0, EngineError.AdminLacksPrivilege));
    }

    [Fact]
    public async Task End_AdminLogin_IsRefused()
    {
        var own = Server.Stay("admin");

        var outcome = await _world.Sessions.EndAsync(_world.Caller, _world.Instance, _world.Instance.Admin);

        outcome.Refusal!.Reason.ShouldBe(RefusalReason.Protected);
        Server.IsOpen(own).ShouldBeTrue();
    }

    [Fact]
    public async Task Count_PasswordWasAdopted_IsRefused()
    {
        await _world.ResetAsync();
        Server["app"] = "somebody-else";
        (await _world.Adopter.AdoptAsync(_world.Caller, _world.Instance, World.App, new Secret("somebody-else"), proof: null, default)).Refusal.ShouldBeNull();

        (await CountAsync()).Refusal!.Reason.ShouldBe(RefusalReason.ResetMissing);
    }

    private ValueTask<SessionsOutcome> CountAsync() => _world.Sessions.CountAsync(_world.Instance, World.App, default);
}
