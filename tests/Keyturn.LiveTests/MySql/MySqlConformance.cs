using Keyturn.Engines.MySql;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>What the two servers share: rows with a host, and names of three-byte UTF-8 only.</summary>
public abstract class MySqlFamilyConformance(string serverName, MySqlFamilyEngine engine) : EngineConformance(serverName, engine)
{
    protected override bool CanBeName(string text) => !text.Any(char.IsSurrogate);

    protected override AccountName NameOf(string user) => new(user, "%");
}

public sealed class MySql97Conformance() : MySqlFamilyConformance("mysql-9.7", new MySqlEngine(TimeProvider.System))
{
    protected override int LongestName => 32;
}

public sealed class MariaDb1011Conformance() : MySqlFamilyConformance("mariadb-10.11", new MariaDbEngine(TimeProvider.System))
{
    protected override int LongestName => 128;
}
