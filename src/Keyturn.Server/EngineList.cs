using Keyturn.Engines;
using Keyturn.Engines.MongoDb;
using Keyturn.Engines.MySql;
using Keyturn.Engines.PostgreSql;
using Keyturn.Engines.Redis;

namespace Keyturn.Server;

/// <summary>The engines that this program is built with: a new one is a folder in Keyturn.Engines and a line here.</summary>
public static class EngineList
{
    /// <summary>One of each, stateless and shared.</summary>
    public static IReadOnlyList<IEngine> All(TimeProvider clock) =>
    [
        new PostgreSqlEngine(clock),
        new MySqlEngine(clock),
        new MariaDbEngine(clock),
        RedisEngine.Redis(clock),
        RedisEngine.Valkey(clock),
        new MongoDbEngine(clock),
    ];
}
