using Keyturn.Engines.PostgreSql;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.Tests.PostgreSql;

public sealed class PostgreSqlEngineTests
{
    private static readonly PostgreSqlEngine Engine = new(TimeProvider.System);

    [Fact]
    public void Validate_NamesByBytes_AreLimitedAsTheServerLimitsThem()
    {
        Engine.Validate(new AccountName(new string('é', 31) + "x")).ShouldBeNull();
        Engine.Validate(new AccountName(new string('é', 32))).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
        Engine.Validate(new AccountName("half \uD83D")).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
    }

    [Fact]
    public void Validate_HostOrDatabase_IsInvalid()
    {
        Engine.Validate(new AccountName("app", Host: "%")).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
        Engine.Validate(new AccountName("app", AuthDatabase: "reports")).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
    }

    /// <summary>The driver makes this connection, not our own transport.</summary>
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    public async Task Connect_ToALinkLocalAddress_IsRefusedBeforeAnythingIsSent(string host)
    {
        var target = new Target(new Node(host, 5432), new TlsSettings(), SendMode.Verifier, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5));

        var connected = await Engine.ConnectAsync(target, new Credential(new AccountName("keyturn"), new Secret("any")), TestContext.Current.CancellationToken);

        connected.Failure.ShouldNotBeNull().Detail.ShouldContain("--allow-link-local");
    }

    [Fact]
    public void Derived_KeysOfAnotherPassword_AreNotGiven()
    {
        var keys = ScramVerifier.NewKeys("New-2");

        new PostgreSqlKeys(new Secret("New-2"), keys).Of(new Secret("New-2")).ShouldBe(keys);
        new PostgreSqlKeys(new Secret("New-2"), keys).Of(new Secret("Old-1")).ShouldBeNull();
    }
}
