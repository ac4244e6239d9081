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

    private static async Task<LoginResult> CheckAsync(World world, string password) =>
        (await world.Checker.CheckAsync(world.Caller, world.Instance, World.App, new Secret(password), default)).Login!;
}
