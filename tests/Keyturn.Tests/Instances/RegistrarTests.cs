using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Instances;

/// <summary>A registration and the password of its admin login are one thing.</summary>
public sealed class RegistrarTests
{
    [Fact]
    public async Task Change_AdminPasswordWasChangedBehindOurBack_IsUsedFromThenOn()
    {
        await using var world = await World.CreateAsync();
        world.Server["admin"] = "changed behind our back";

        var outcome = await ChangeAsync(world, "changed behind our back");

        outcome.Refusal.ShouldBeNull();
        (await world.Resetter.RunAsync(world.Request() with { Instance = outcome.Instance! }, default)).Reset!.State.ShouldBe(ResetState.Done);
    }

    [Fact]
    public async Task Change_AdminWasResetWhileItWasProved_ChangesNothing()
    {
        await using var world = await World.CreateAsync();
        world.Server["admin"] = "changed behind our back";
        var admin = (await world.Whole.Instances.FindAccountAsync(world.Instance.Id, world.Instance.Admin, default))!;
        world.Server.OnLogin = async () =>
        {
            world.Server.OnLogin = () => Task.CompletedTask;
            var seen = (await world.Whole.Secrets.ReadAsync(admin.Id, 1, default)).Seen;
            var entry = new Keyturn.Audit.AuditEntry { Caller = world.Caller, Action = "account.adopt", Outcome = "done" };
            (await world.Whole.Secrets.AdoptAsync(admin, new Secret("adopted meanwhile"), seen, entry, default)).ShouldBeTrue();
        };

        var outcome = await ChangeAsync(world, "changed behind our back", name: "renamed");

        outcome.Refusal!.Reason.ShouldBe(RefusalReason.Conflict);
        (await world.Whole.Instances.FindAnyAsync(world.Instance.Id, default))!.Name.ShouldBe("world");
        (await world.Whole.Secrets.ReadAsync(admin.Id, 1, default)).Current!.Password.Reveal().ShouldBe("adopted meanwhile");
    }

    [Fact]
    public async Task Register_AdminLacksRights_WarnsOfWhatResetsNeedAndOfNothingElse()
    {
        await using var world = await World.CreateAsync();
        world.Server.Missing = [new(Capability.Reset, "GRANT a;"), new(Capability.Recovery, "GRANT b;"), new(Capability.Sessions, "GRANT c;")];

        var outcome = await world.Registrar.RegisterAsync(world.Caller, world.Draft(World.NodeOf(world.Server)) with { Name = "other", AdminPassword = new("admin-secret"), IsClone = true }, default);

        outcome.Refusal.ShouldBeNull();
        outcome.Warnings.Count.ShouldBe(2);
        outcome.Warnings[0].ShouldBe("The admin login may not change the passwords of others. Missing: GRANT a;");
        outcome.Warnings[1].ShouldEndWith("Missing: GRANT b;");
    }

    [Fact]
    public async Task Register_AdminLoginIsRefused_HasARowThatSaysWhereAndAsWhom()
    {
        await using var world = await World.CreateAsync();
        var draft = world.Draft(World.NodeOf(world.Server)) with { Name = "other", AdminPassword = new("guessed-secret"), IsClone = true };

        (await world.Registrar.RegisterAsync(world.Caller, draft, default)).Refusal!.Error.ShouldBe(EngineError.AdminLoginRefused);

        (await RowsAsync(world, "instance.register")).ShouldBe(["done : ", "refused : simulated at node1:1 as admin; AdminLoginRefused"]);
    }

    /// <summary>It could be what a policy means another instance by.</summary>
    [Theory]
    [InlineData("6c3a3f8c-6d0c-4f7e-9c52-8c1d3a0f7e11", false)]
    [InlineData("6c3a3f8c6d0c4f7e9c528c1d3a0f7e11", false)]
    [InlineData("6c3a3f8c6d0c4f7e9c528c1d3a0f7e11in07", false)]
    [InlineData("6C3A3F8C6D0C4F7E9C528C1D3A0F7E11in99", false)]
    [InlineData("6c3a3f8c6d0c4f7e9c528c1d3a0f7e1-in07", true)]
    public async Task Check_NameThatIsAnId_IsRefused(string name, bool isAllowed)
    {
        await using var world = await World.CreateAsync();

        var broken = world.Registrar.Check(world.Draft(World.NodeOf(world.Server)) with { Name = name });

        broken.Any(violation => violation.Rule == "name").ShouldBe(!isAllowed);
    }

    [Fact]
    public async Task Register_ServerIsAway_HasARow()
    {
        await using var world = await World.CreateAsync();
        world.Server.IsDown = true;

        await world.Registrar.RegisterAsync(world.Caller, world.Draft(World.NodeOf(world.Server)) with { Name = "other", AdminPassword = new("guessed-secret") }, default);

        (await RowsAsync(world, "instance.register"))[1].ShouldBe("refused : simulated at node1:1 as admin; Unreachable");
    }

    [Fact]
    public async Task Register_CallerHangsUpDuringTheLogin_HasARow()
    {
        await using var world = await World.CreateAsync();
        using var caller = new CancellationTokenSource();
        world.Server.OnLogin = caller.CancelAsync;

        await world.Registrar.RegisterAsync(world.Caller, world.Draft(World.NodeOf(world.Server)) with { Name = "other", AdminPassword = new("guessed-secret") }, caller.Token);

        (await RowsAsync(world, "instance.register"))[1].ShouldBe("refused : simulated at node1:1 as admin; AdminLoginRefused");
    }

    [Fact]
    public async Task Change_AdminLoginIsRefused_HasARow()
    {
        await using var world = await World.CreateAsync();

        (await ChangeAsync(world, "guessed-secret")).Refusal!.Error.ShouldBe(EngineError.AdminLoginRefused);

        (await RowsAsync(world, "instance.change")).ShouldBe(["refused : simulated at node1:1 as admin; AdminLoginRefused"]);
    }

    [Fact]
    public async Task Inspect_RightIsGrantedWhileASessionIsWarm_IsSeenAtOnce()
    {
        await using var world = await World.CreateAsync();
        world.Server["app"] = "before";
        world.Server.SeesRightsOfConnecting = true;
        world.Server.Missing = [new(Capability.Reset, "GRANT a;")];
        (await world.Roster.InspectAsync(world.Instance, World.App, default)).Value!.MissingGrant.ShouldBe("GRANT a;");
        world.Server.Missing = [];

        (await world.Roster.InspectAsync(world.Instance, World.App, default)).Value!.MissingGrant.ShouldBeNull();
        (await world.ResetAsync()).Reset!.State.ShouldBe(ResetState.Done);
    }

    private static Task<IReadOnlyList<string>> RowsAsync(World world, string action) => world.Audit.RowsAsync(world.Instance.ProjectId, action);

    private static async Task<RegisterOutcome> ChangeAsync(World world, string password, string name = "world") => await world.Registrar.ChangeAsync(
        world.Caller,
        world.Instance,
        new InstanceDraft { Name = name, Engine = "simulated", Nodes = world.Instance.Nodes, Admin = world.Instance.Admin, AdminPassword = new Secret(password) },
        default);
}
