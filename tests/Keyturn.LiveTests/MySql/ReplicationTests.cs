using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>
/// A server that is set up to follow another. Here the source's address is nobody's, and nothing is started: what the server says of itself is the
/// matter.
/// </summary>
public sealed class ReplicationTests
{
    private const int SourcePort = 1;

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Nodes)]
    public async Task Connect_RegisteredAsReplicaAndFollowing_IsReadOnlyThoughItIsNotSetSo(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser();
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY 'Old-1 canary'");
        await using (var before = await lab.ConnectAsync(role: NodeRole.Replica))
        {
            before.Server.IsReadOnly.ShouldBeFalse("it follows nobody: it has been promoted");
        }

        await lab.SqlAsync(Follow(name));
        lab.Later(Forget(name));

        await using var replica = await lab.ConnectAsync(role: NodeRole.Replica);
        replica.Server.IsReadOnly.ShouldBeTrue();
        var change = await replica.SetPasswordAsync(new PasswordChange(new AccountName(user), new("New-2 canary")), lab.Cancel);
        change.Failure!.Error.ShouldBe(EngineError.ReadOnlyNode);
        await using var primary = await lab.ConnectAsync(role: NodeRole.Primary);
        primary.Server.IsReadOnly.ShouldBeFalse("a primary may follow a server of another instance");
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Nodes)]
    public async Task ReadNodes_Following_NamesTheSource(string name)
    {
        await using var lab = MySqlLab.Of(name);
        await lab.SqlAsync(Follow(name));
        lab.Later(Forget(name));
        await using var session = await lab.ConnectAsync(lab.Server.Superuser);

        var told = (await session.ShouldBeAssignableTo<ITellsNodes>()!.ReadNodesAsync(lab.Cancel)).Value.ShouldNotBeNull();

        told.Role.ShouldBe(NodeRole.Replica);
        told.Server.ShouldBe(session.Server.Identity);
        told.Others.ShouldBe([new Node("source.invalid", SourcePort)]);
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Nodes)]
    public async Task ReadNodes_AdminMayNotAsk_NamesTheGrants(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var admin = new LabLogin(lab.NewUser(), "Few-1 canary");
        await lab.SqlAsync($"CREATE USER {admin.User}@'%' IDENTIFIED BY '{admin.Password}'", $"GRANT CREATE USER ON *.* TO {admin.User}@'%'", $"GRANT SELECT ON mysql.* TO {admin.User}@'%'");
        await using var session = await lab.ConnectAsync(admin);

        var told = (await session.ShouldBeAssignableTo<ITellsNodes>()!.ReadNodesAsync(lab.Cancel)).Value.ShouldNotBeNull();

        told.Others.ShouldBeEmpty();
        told.Hints[0].Text.ShouldContain(MySqlLab.IsMySql(name) ? "GRANT REPLICATION CLIENT ON *.*" : "GRANT SLAVE MONITOR ON *.*");
        told.Hints[1].Text.ShouldContain(MySqlLab.IsMySql(name) ? "GRANT REPLICATION SLAVE ON *.*" : "GRANT REPLICATION MASTER ADMIN ON *.*");
    }

    private static string Follow(string name) => MySqlLab.IsMySql(name)
        ? $"CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'source.invalid', SOURCE_PORT = {SourcePort}, SOURCE_USER = 'nobody'"
        : $"CHANGE MASTER TO MASTER_HOST = 'source.invalid', MASTER_PORT = {SourcePort}, MASTER_USER = 'nobody'";

    private static string Forget(string name) => MySqlLab.IsMySql(name) ? "RESET REPLICA ALL" : "RESET SLAVE ALL";
}
