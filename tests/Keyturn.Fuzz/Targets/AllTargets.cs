using Keyturn.Engines.MongoDb;
using Keyturn.Engines.MySql;
using Keyturn.Engines.Redis;
using Keyturn.Instances;

namespace Keyturn.Fuzz.Targets;

/// <summary>The list: whatever reads what somebody else wrote.</summary>
internal static class AllTargets
{
    private static readonly string[] Doors = ["http-api", "http-access", "http-digitalocean", "http-gaussdb", "http-ddm", "http-dds", "http-upstash", "http-iam"];

    /// <summary>Made anew at each call; started by whoever runs one.</summary>
    public static IReadOnlyList<FuzzTarget> Make() =>
    [
        .. WireTargets.All(),
        new EngineTarget(RedisEngine.Redis(TimeProvider.System), new AccountName("app"), "\r\n", "+OK\r\n", "$-1\r\n", "*0\r\n", "role:master", "run_id:", "flags", "passwords", "-NOPERM no\r\n"),
        new EngineTarget(new MySqlEngine(TimeProvider.System), new AccountName("app", "%"), "\u00fb", "\u00fe\0\0\u0002\0", "additional_password", "{\"", "GRANT ", "caching_sha2_password"),
        new EngineTarget(new MariaDbEngine(TimeProvider.System), new AccountName("app", "%"), "\u00fb", "\u00fe\0\0\u0002\0", "auth_or", "access", "{\"", "plugin", "authentication_string"),
        new EngineTarget(new MongoDbEngine(TimeProvider.System), new AccountName("app", Host: null, "admin"), "ok\0", "users\0", "roles\0", "inheritedPrivileges\0", "cursor\0", "hosts\0", ReplayPeer.Nonce),
        .. TextTargets.All(),
        .. Doors.Select(door => new HttpTarget(door)),
    ];

    /// <summary>A target or canary by its name; null when there is none.</summary>
    public static FuzzTarget? Find(string name) => Make().Concat(Canaries.All()).FirstOrDefault(target => target.Name == name);
}
