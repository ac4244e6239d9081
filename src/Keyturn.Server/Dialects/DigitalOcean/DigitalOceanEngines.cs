using Keyturn.Instances;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>DigitalOcean's names for engines, and what it offers of them.</summary>
internal static class DigitalOceanEngines
{
    public const string MySql = "mysql";

    /// <summary>The value of a cluster's <c>engine</c>. MariaDB is no product of theirs; its clients treat it as MySQL.</summary>
    public static string Slug(Instance instance) => instance.Engine switch
    {
        "postgresql" => "pg",
        "mariadb" => MySql,
        var same => same,
    };

    /// <summary>User management is not offered for caching clusters.</summary>
    public static bool HasUsers(Instance instance) => instance.Engine is not ("redis" or "valkey");
}
