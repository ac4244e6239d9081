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

    [Fact]
    public void Derived_KeysOfAnotherPassword_AreNotGiven()
    {
        var keys = ScramVerifier.NewKeys("New-2");

        new PostgreSqlKeys(new Secret("New-2"), keys).Of(new Secret("New-2")).ShouldBe(keys);
        new PostgreSqlKeys(new Secret("New-2"), keys).Of(new Secret("Old-1")).ShouldBeNull();
    }
}
