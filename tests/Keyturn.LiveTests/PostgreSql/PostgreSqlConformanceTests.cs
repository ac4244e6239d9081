using Keyturn.Engines.PostgreSql;

namespace Keyturn.LiveTests.PostgreSql;

public sealed class PostgreSql15ConformanceTests() : EngineConformance("postgresql-15", new PostgreSqlEngine(TimeProvider.System))
{
    protected override int LongestName => 63;
}
