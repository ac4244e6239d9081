using Keyturn.Engines.MySql;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>What the two servers share: rows with a host, and names of three-byte UTF-8 only.</summary>
public abstract class MySqlFamilyConformance(MySqlFamilyEngine engine) : EngineConformance(engine)
{
    protected override bool CanBeName(string text) => !text.Any(char.IsSurrogate);

    protected override AccountName NameOf(string user) => new(user, "%");
}

[OnServer("mysql-9.7")]
public sealed class MySql97Conformance() : MySqlFamilyConformance(new MySqlEngine(TimeProvider.System))
{
    protected override int LongestName => 32;
}

public abstract class MariaDbConformance() : MySqlFamilyConformance(new MariaDbEngine(TimeProvider.System))
{
    protected override int LongestName => 128;
}

[OnServer("mariadb-10.11")]
public sealed class MariaDb1011Conformance : MariaDbConformance;

[OnServer("mariadb-11.8", Wide = true)]
public sealed class MariaDb118Conformance : MariaDbConformance;
