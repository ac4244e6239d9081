using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Storage;
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
        world.Server["rdsRepl"] = "not ours";

        (await world.Roster.DropAsync(world.Caller, world.Instance, new AccountName("rdsRepl"), default))!.Reason.ShouldBe(RefusalReason.Protected);

        world.Server["rdsRepl"].ShouldNotBeNull();
    }

    [Fact]
    public async Task List_PeersThatDiffer_ShowsWhatOneLacksAndWhatIsOtherThere()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1]["second"] = "only there";
        world.Servers[1].Method = "ed25519";

        var listed = (await world.Roster.ListAsync(world.Instance, default)).Value!;

        listed.Select(line => line.Name.User).ShouldBe(["admin", "app", "second"]);
        listed[1].Row!.Remarks.ShouldBe(["node2:1: the method is ed25519."]);
        listed[2].Row!.Remarks.ShouldBe(["node1:1 has no such account."]);
    }

    [Fact]
    public async Task List_OnePeerIsDown_FailsAndNamesIt()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1].IsDown = true;

        (await world.Roster.ListAsync(world.Instance, default)).Failure.ShouldBe(new Failure(EngineError.Unreachable, "node2:1: down"));
    }

    [Fact]
    public async Task Inspect_AccountOnOnePeerOnly_ExistsAndSaysWhereNot()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1].HidesVerifiers = true;
        world.Servers[0]["first"] = "only there";

        var found = (await world.Roster.InspectAsync(world.Instance, new AccountName("first"), default)).Value!;

        found.Exists.ShouldBeTrue();
        found.CanReadBack.ShouldBeFalse();
        found.Rows.ShouldHaveSingleItem().Remarks.ShouldBe(["node2:1 has no such account."]);
    }

    [Fact]
    public async Task Drop_Peers_DropsOnAll()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);

        (await DropAsync(world)).ShouldBeNull();

        world.Servers.ShouldAllBe(server => server["app"] == null);
    }

    [Fact]
    public async Task Drop_OnePeerIsDown_DropsOnNone()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1].IsDown = true;

        (await DropAsync(world))!.Detail.ShouldBe("node2:1: down");

        world.Servers.ShouldAllBe(server => server["app"] == "old");
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

    [Fact]
    public async Task Drop_AccountThatKeyturnDoesNotHold_HasRows()
    {
        await using var world = await World.CreateAsync();

        (await DropAsync(world)).ShouldBeNull();

        (await RowsAsync(world)).ShouldBe(["prepared app: ", "done app: "]);
    }

    [Fact]
    public async Task Drop_HeldAccount_HasItsEndWithTheForgetting()
    {
        await using var world = await World.CreateAsync();
        await world.ResetAsync();

        (await DropAsync(world)).ShouldBeNull();

        (await RowsAsync(world)).ShouldBe(["prepared app: ", "done app: forgotten"]);
    }

    [Fact]
    public async Task Drop_RowThatItBeginsCannotBeWritten_SendsNothing()
    {
        await using var world = await World.CreateAsync();
        world.Audit.Fails = entry => entry is { Action: "account.drop", Outcome: "prepared" };

        await Should.ThrowAsync<StoreException>(() => DropAsync(world));

        world.Server["app"].ShouldBe("old");
    }

    [Fact]
    public async Task Drop_RowOfItsEndCannotBeWritten_IsInTheLogAsBegun()
    {
        await using var world = await World.CreateAsync();
        world.Audit.Fails = entry => entry is { Action: "account.drop", Outcome: "done" };

        await Should.ThrowAsync<StoreException>(() => DropAsync(world));

        world.Server["app"].ShouldBeNull();
        (await RowsAsync(world)).ShouldBe(["prepared app: "]);
    }

    [Fact]
    public async Task Drop_SecondNodeFails_RowSaysWhereAndWhatIsDropped()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        world.Servers[1].DropFates.Enqueue(Fate.LoseRequest);

        (await DropAsync(world))!.Error.ShouldBe(EngineError.ConnectionLost);

        (await RowsAsync(world)).ShouldBe(["prepared app: ", "failed app: node2:1: ConnectionLost; dropped at node1:1"]);
    }

    [Fact]
    public async Task Drop_MayStillHappen_IsUndecided()
    {
        await using var world = await World.CreateAsync();
        world.Server.DropFates.Enqueue(Fate.LoseRequest);
        world.Server.CannotEndSessions = true;

        await DropAsync(world);

        (await RowsAsync(world)).ShouldBe(["prepared app: ", "undecided app: node1:1: ConnectionLost"]);
    }

    [Fact]
    public async Task Drop_Refused_HasARow()
    {
        await using var world = await World.CreateAsync(nodes: 2, NodeRole.Peer);
        await world.Roster.DropAsync(world.Caller, world.Instance, world.Instance.Admin, default);
        world.Servers[1].IsDown = true;
        await DropAsync(world);

        (await RowsAsync(world)).ShouldBe(["refused admin: Protected", "refused app: Unreachable"]);
    }

    [Fact]
    public async Task Drop_MissingAccount_HasRows()
    {
        await using var world = await World.CreateAsync();

        await world.Roster.DropAsync(world.Caller, world.Instance, new AccountName("nobody"), default);

        (await RowsAsync(world)).ShouldBe(["prepared nobody: ", "failed nobody: AccountMissing"]);
    }

    private static Task<IReadOnlyList<string>> RowsAsync(World world) => world.Audit.RowsAsync(world.Instance.ProjectId, "account.drop");

    private static async Task<Refusal?> DropAsync(World world) => await world.Roster.DropAsync(world.Caller, world.Instance, World.App, default);
}
