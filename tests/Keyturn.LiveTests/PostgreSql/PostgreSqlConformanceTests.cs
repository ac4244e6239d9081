using Keyturn.Engines;
using Keyturn.Engines.PostgreSql;

namespace Keyturn.LiveTests.PostgreSql;

public abstract class PostgreSqlConformanceTests() : EngineConformance(new PostgreSqlEngine(TimeProvider.System))
{
    protected override int LongestName => 63;

    [Fact]
    [Feature(Feature.KeepOld, Refused = "a role has one password, and a new one takes its place")]
    public async Task KeepOldPassword_RoleHasOne_IsNotOffered()
    {
        await using var admin = await ConnectAsync();

        admin.ShouldNotBeAssignableTo<IKeepsOldPassword>();
    }
}

[OnServer("postgresql-15")]
public sealed class PostgreSql15ConformanceTests : PostgreSqlConformanceTests;

[OnServer("postgresql-17", Wide = true)]
public sealed class PostgreSql17ConformanceTests : PostgreSqlConformanceTests;

[OnServer("postgresql-18", Wide = true)]
public sealed class PostgreSql18ConformanceTests : PostgreSqlConformanceTests;
