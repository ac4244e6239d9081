using Keyturn.Engines;
using Keyturn.LiveTests.WholeProgram;

namespace Keyturn.LiveTests.Privileges;

/// <summary>What docs/privileges.md says of one product: its blocks suffice, and nothing in them can be left out.</summary>
public abstract class PrivilegesTests
{
    /// <summary>What is granted first need not be all: who may not ask what it may do has to be granted that to be told the rest.</summary>
    private const int MostRounds = 3;

    /// <summary>These let Keyturn know beforehand, and do nothing themselves; under nodes, what they do takes a second server.</summary>
    private static readonly string[] ForLooking = ["+acl|dryrun", "+config|get", "+config|set", "+config|rewrite"];

    protected static TheoryData<string, Capability> Each(params string[] servers)
    {
        var all = new TheoryData<string, Capability>();
        foreach (var server in servers)
        {
            foreach (var capability in Enum.GetValues<Capability>())
            {
                all.Add(server, capability);
            }
        }

        return all;
    }

    /// <summary>All of the block: it is done, and inspection misses nothing for it.</summary>
    protected static async Task ShouldSufficeAsync(string server, Capability capability)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        await using var trial = await AdminTrial.CreateAsync(accounts, await accounts.CreateAsync(), PrivilegeBlocks.Find(accounts.Server, capability));

        (await trial.DoAsync(capability)).ShouldBeNull();

        (await trial.ReadMissingAsync()).ShouldNotContain(right => right.Capability == capability);
    }

    /// <summary>Each single grant left out: it is not done, inspection says what is missing, and with that it is done.</summary>
    protected static async Task ShouldNeedEachGrantAsync(string server, Capability capability)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var account = await accounts.CreateAsync();
        foreach (var (left, others) in PrivilegeBlocks.WithoutEach(PrivilegeBlocks.Find(accounts.Server, capability)))
        {
            await using var trial = await AdminTrial.CreateAsync(accounts, account, others);

            var failure = await trial.DoAsync(capability);
            (failure?.Error).ShouldBe(ForLooking.Contains(left) ? null : EngineError.AdminLacksPrivilege, $"without {left}: {failure}");

            var missing = await trial.ReadMissingAsync();
            missing.ShouldNotBeEmpty($"without {left}");
            for (var round = 0; round < MostRounds && missing.Count > 0; round++)
            {
                await trial.GrantAsync(missing.SelectMany(right => right.Statements));
                missing = await trial.ReadMissingAsync();
            }

            missing.ShouldBeEmpty($"without {left}");
            (await trial.DoAsync(capability)).ShouldBeNull($"without {left}, and what inspection said");
        }
    }

    /// <summary>The admin login's own password takes what that of others does.</summary>
    protected static async Task RotateAdminAsync(string server, bool needsNothing)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        IReadOnlyList<string> granted = needsNothing ? [] : PrivilegeBlocks.Find(accounts.Server, Capability.Reset);
        await using var trial = await AdminTrial.CreateAsync(accounts, await accounts.CreateAsync(), granted);

        (await trial.RotateAsync()).ShouldBeNull();
        (await trial.RotateAsync()).ShouldBeNull();
    }
}

/// <summary>PostgreSQL's: those of 16 and later are others than those of 15.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class PostgreSqlPrivilegesTests : PrivilegesTests
{
    public static TheoryData<string> Servers { get; } = ["postgresql-15", "postgresql-17", "postgresql-18"];

    public static TheoryData<string, Capability> Blocks { get; } = Each("postgresql-15", "postgresql-17", "postgresql-18");

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Block_AsItStands_Suffices(string server, Capability capability) => ShouldSufficeAsync(server, capability);

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Block_WithoutAnyGrant_DoesNot(string server, Capability capability) => ShouldNeedEachGrantAsync(server, capability);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task OwnPassword_WithNothingGranted_IsChanged(string server) => RotateAdminAsync(server, needsNothing: true);
}

/// <summary>MySQL's and MariaDB's.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class MySqlPrivilegesTests : PrivilegesTests
{
    public static TheoryData<string> Servers { get; } = ["mysql-9.7", "mariadb-10.11", "mariadb-11.8"];

    public static TheoryData<string, Capability> Blocks { get; } = Each("mysql-9.7", "mariadb-10.11", "mariadb-11.8");

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Block_AsItStands_Suffices(string server, Capability capability) => ShouldSufficeAsync(server, capability);

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Block_WithoutAnyGrant_DoesNot(string server, Capability capability) => ShouldNeedEachGrantAsync(server, capability);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task OwnPassword_AsAnyOther_IsChanged(string server) => RotateAdminAsync(server, needsNothing: false);
}

/// <summary>Redis' and Valkey's.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class RedisPrivilegesTests : PrivilegesTests
{
    public static TheoryData<string> Servers { get; } = ["redis-7", "redis-8", "valkey-9"];

    public static TheoryData<string, Capability> Blocks { get; } = Each("redis-7", "redis-8", "valkey-9");

    /// <summary>The page has a block for each product and thing that needs a right; that a server lacks one would go unnoticed otherwise.</summary>
    [Fact]
    public void Page_Blocks_AreAllRead() => PrivilegeBlocks.Count.ShouldBe(7 + 5 + 5 + 6);

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Block_AsItStands_Suffices(string server, Capability capability) => ShouldSufficeAsync(server, capability);

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Block_WithoutAnyGrant_DoesNot(string server, Capability capability) => ShouldNeedEachGrantAsync(server, capability);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task OwnPassword_AsAnyOther_IsChanged(string server) => RotateAdminAsync(server, needsNothing: false);
}
