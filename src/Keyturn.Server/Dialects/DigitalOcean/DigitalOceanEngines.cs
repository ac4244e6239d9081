using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>DigitalOcean's names for engines, and what it offers of them.</summary>
internal static class DigitalOceanEngines
{
    public const string MySql = "mysql";
    public const string MongoDb = "mongodb";

    /// <summary>The value of a cluster's <c>engine</c>. MariaDB is no product of theirs; its clients treat it as MySQL.</summary>
    public static string Slug(Instance instance) => instance.Engine switch
    {
        "postgresql" => "pg",
        "mariadb" => MySql,
        var same => same,
    };

    /// <summary>User management is not offered for caching clusters.</summary>
    public static bool HasUsers(Instance instance) => instance.Engine is not ("redis" or "valkey");

    /// <summary>The scheme of connection strings.</summary>
    public static string Protocol(Instance instance) => (instance.Engine, instance.Tls.Mode) switch
    {
        ("mariadb", _) => MySql,
        ("redis" or "valkey", TlsMode.Disable) => "redis",
        ("redis" or "valkey", _) => "rediss",
        var (same, _) => same,
    };

    /// <summary>All of a connection in one text, in the form that the engine's clients read; null without a password, which is in it.</summary>
    public static Secret? ConnectionString(Instance instance, Connection connection)
    {
        if (connection is not { Password: { } password, User: { } user })
        {
            return null;
        }

        var host = connection.Host.Contains(':', StringComparison.Ordinal) ? $"[{connection.Host}]" : connection.Host;
        var database = connection.Database is { } named ? $"/{Uri.EscapeDataString(named)}" : instance.Engine == MongoDb ? "/" : "";
        return new Secret($"{connection.Protocol}://{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password.Reveal())}@{host}:{connection.Port}{database}{Options(instance)}");
    }

    private static string Options(Instance instance) => (Slug(instance), instance.Tls.Mode) switch
    {
        (MongoDb, TlsMode.Disable) => "?authSource=admin",
        (MongoDb, _) => "?tls=true&authSource=admin",
        (_, TlsMode.Disable) => "",
        ("pg", _) => "?sslmode=require",
        (MySql, _) => "?ssl-mode=REQUIRED",
        _ => "",
    };
}
