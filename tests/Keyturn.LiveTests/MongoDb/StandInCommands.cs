using System.Text;
using Keyturn.Wire.MongoDb;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>What the stand-in answers to each command of one connection.</summary>
internal sealed class StandInCommands(StandInMongoDb server, int connectionId)
{
    private StandInScram? _exchange;
    private StandInUser? _signedIn;

    /// <summary>Who has signed in on the connection.</summary>
    public StandInUser? SignedInUser => _signedIn;

    private StandInKnobs Knobs => server.Knobs;

    public BsonDocument Run(string name, BsonDocument command) => name switch
    {
        "hello" when !Knobs.KnowsHello => Error(59, "CommandNotFound", "no such command: 'hello'"),
        "hello" or "isMaster" or "ismaster" => Greet(command),
        "saslStart" => Start(command) is { } started ? Ok(started) : Failed(),
        "saslContinue" => Continue(command),
        "connectionStatus" => Ok(new() { { "authInfo", SignedIn() } }),
        "buildInfo" or "buildinfo" => Ok(BuildInfo()),
        "ping" or "endSessions" => Ok([]),
        _ when _signedIn is null && !Knobs.IsAuthorizationOff => Error(13, "Unauthorized", $"Command {name} requires authentication"),
        _ when _signedIn?.Roles.Contains("root") is not true && !Knobs.IsAuthorizationOff => Error(13, "Unauthorized", $"not authorized on {Database(command)} to execute command {name}"),
        "usersInfo" => UsersInfo(command),
        "createUser" or "updateUser" or "dropUser" => Change(name, command),
        "serverStatus" => Ok(new() { { "uptimeMillis", (long)TimeProvider.System.GetElapsedTime(server.StartedAt).TotalMilliseconds } }),
        "getCmdLineOpts" => Ok(new() { { "parsed", Knobs.IsAuthorizationOff ? [] : new BsonDocument { { "security", new BsonDocument { { "authorization", "enabled" } } } } } }),
        "replSetGetConfig" when Knobs.SetName is not null => Ok(new() { { "config", new BsonDocument { { "settings", new BsonDocument { { "replicaSetId", new BsonId("0123456789abcdef01234567") } } } } } }),
        "aggregate" => CurrentOp(command.List<BsonDocument>("pipeline").First().Document("$currentOp")!),
        "killOp" => Ok(new() { { "info", "attempting to kill op" } }),
        _ => Error(59, "CommandNotFound", $"no such command: '{name}'"),
    };

    private BsonDocument Greet(BsonDocument command)
    {
        var isWritable = Knobs.Primary is null;
        var greeting = new BsonDocument { { "ismaster", isWritable }, { "maxBsonObjectSize", 16777216 }, { "maxMessageSizeBytes", 48000000 }, { "maxWriteBatchSize", 100000 } };
        if (command.First().Key == "hello")
        {
            greeting.Add("isWritablePrimary", isWritable);
        }

        greeting.Add("minWireVersion", 0);
        greeting.Add("maxWireVersion", 21);
        if (Knobs.IsRouter)
        {
            greeting.Add("msg", "isdbgrid");
        }

        if (Knobs.SetName is { } set)
        {
            greeting.Add("setName", set);
            greeting.Add("secondary", !isWritable);
            greeting.Add("me", server.Address);
            greeting.Add("hosts", new object?[] { server.Address });
            if ((Knobs.Primary ?? server.Address) is { Length: > 0 } primary)
            {
                greeting.Add("primary", primary);
            }
        }

        if (Knobs.HasProcessId)
        {
            greeting.Add("topologyVersion", new BsonDocument { { "processId", server.ProcessId }, { "counter", 0L } });
            greeting.Add("connectionId", connectionId);
        }

        if (command.Text("saslSupportedMechs")?.Split('.', 2) is [var database, var user] && server.Users.TryGetValue((database, user), out var account))
        {
            greeting.Add("saslSupportedMechs", account.Verifiers.Select(verifier => (object?)verifier.Mechanism).ToArray());
        }

        if (Knobs.AnswersSpeculation && command.Document("speculativeAuthenticate") is { } speculation && Start(speculation, speculation.Text("db")) is { } started)
        {
            greeting.Add("speculativeAuthenticate", started);
        }

        return Ok(greeting);
    }

    private BsonDocument? Start(BsonDocument command, string? database = null)
    {
        var payload = command.Bytes("payload")!;
        var text = Encoding.UTF8.GetString(payload);
        var start = text.IndexOf("n=", StringComparison.Ordinal) + 2;
        var name = text[start..text.IndexOf(",r=", start, StringComparison.Ordinal)].Replace("=2C", ",").Replace("=3D", "=");
        if (!server.Users.TryGetValue((database ?? Database(command), name), out var user)
            || user.Verifiers.FirstOrDefault(verifier => verifier.Mechanism == command.Text("mechanism")) is not { } verifier)
        {
            return null;
        }

        _exchange = new StandInScram(user, verifier, Knobs, command.Document("options")?.IsTrue("skipEmptyExchange") is true);
        return _exchange.Start(payload);
    }

    private BsonDocument Continue(BsonDocument command)
    {
        var exchange = _exchange;
        if (exchange is null || exchange.IsDone || exchange.Continue(command.Bytes("payload")!) is not { } answer)
        {
            _exchange = null;
            return Failed();
        }

        _signedIn = exchange.IsDone ? exchange.User : _signedIn;
        return Ok(answer);
    }

    private BsonDocument SignedIn()
    {
        var listed = Knobs.ListsSignedIn && _signedIn is { } user ? new object?[] { Knobs.IsComplete ? new BsonDocument { { "user", user.Name }, { "db", user.Database } } : new BsonDocument { { "user", user.Name } } } : [];
        object?[] privileges = _signedIn?.Roles.Contains("root") is true && Knobs.ShowsPrivileges
            ? [Privilege(new() { { "db", "" }, { "collection", "" } }, "changePassword", "viewUser"), Privilege(new() { { "cluster", true } }, "inprog", "killop")]
            : [Privilege(new() { { "db", "admin" }, { "collection", "" } }, Knobs.ShowsPrivileges ? "find" : "")];
        return new() { { "authenticatedUsers", listed }, { "authenticatedUserRoles", Array.Empty<object?>() }, { "authenticatedUserPrivileges", Knobs.ShowsPrivileges ? privileges : [] } };
    }

    private BsonDocument BuildInfo()
    {
        var info = new BsonDocument { { "version", StandInConnection.Version }, { "maxBsonObjectSize", 16777216 } };
        if (!Knobs.IsComplete)
        {
            info.Add("ferretdb", new BsonDocument { { "version", "v2.7.0" } });
        }

        return info;
    }

    private static BsonDocument Privilege(BsonDocument resource, params string[] actions) =>
        new() { { "resource", resource }, { "actions", actions.Cast<object?>().ToArray() } };

    private BsonDocument UsersInfo(BsonDocument command)
    {
        if (command.IsTrue("showCredentials") && !Knobs.ShowsCredentials)
        {
            return Error(2, "BadValue", "showCredentials is not supported");
        }

        if (Knobs.Primary is not null && command.Document("$readPreference") is null)
        {
            return Error(13435, "NotPrimaryNoSecondaryOk", "not primary and secondaryOk=false");
        }

        var asked = command.Document("usersInfo");
        if (asked?.Has("forAllDBs") is true && !Knobs.IsComplete)
        {
            return Error(2, "BadValue", "Unsupported field specified: 'forAllDBs'.");
        }

        var found = server.Users.Values.Where(user =>
            asked?.IsTrue("forAllDBs") is true || (command.IsTrue("usersInfo") && user.Database == Database(command)) || (user.Name == asked?.Text("user") && user.Database == asked.Text("db")));
        return Ok(new() { { "users", found.Select(user => (object?)user.Show(command.IsTrue("showCredentials"))).ToArray() } });
    }

    private BsonDocument Change(string name, BsonDocument command)
    {
        server.LastChange = command;
        var key = (Database(command), command.Text(name)!);
        var exists = server.Users.TryGetValue(key, out var before);
        if (Refuse(name, command, exists) is { } refusal)
        {
            return refusal;
        }

        if (name == "dropUser")
        {
            server.Users.TryRemove(key, out _);
        }
        else
        {
            server.Add(key.Item1, key.Item2, command.Text("pwd")!, before?.Roles ?? RolesIn(command));
        }

        var done = Ok([]);
        if (Knobs.WriteConcernError > 0)
        {
            done.Add("writeConcernError", new BsonDocument { { "code", Knobs.WriteConcernError }, { "codeName", "WriteConcernFailed" }, { "errmsg", "waiting for replication timed out" } });
        }

        return done;
    }

    private static string[] RolesIn(BsonDocument command) =>
        [.. command.List<BsonDocument>("roles").Select(role => role.Text("db") == "admin" ? role.Text("role")! : $"{role.Text("role")}@{role.Text("db")}")];

    private BsonDocument? Refuse(string name, BsonDocument command, bool exists) => name switch
    {
        _ when Knobs.ChangeError > 0 => Error(Knobs.ChangeError, "Stated", Knobs.RepeatsPassword ? $"bad value {command.Text("pwd")}" : "as the test says"),
        _ when !Knobs.IsComplete && command.Has("writeConcern") => Error(2, "BadValue", "Unsupported field specified : 'writeConcern'."),
        _ when Knobs.Primary is not null => Error(10107, "NotWritablePrimary", "not primary"),
        "createUser" when RolesIn(command).Contains("no-such-role") => Error(31, "RoleNotFound", "Could not find role: no-such-role@admin"),
        "createUser" when exists => Error(51003, "Location51003", $"User \"{command.Text(name)}@{Database(command)}\" already exists"),
        "updateUser" or "dropUser" when !exists => Error(11, "UserNotFound", $"User '{command.Text(name)}@{Database(command)}' not found"),
        _ when command.Text("pwd") is "" => Error(2, "BadValue", "Password cannot be empty"),
        _ => null,
    };

    private BsonDocument CurrentOp(BsonDocument stage)
    {
        if (stage.IsTrue("allUsers") && !Knobs.ShowsOthersConnections)
        {
            return Error(13, "Unauthorized", "not authorized on admin to execute command aggregate");
        }

        var seen = server.Connections.Values.Where(connection => stage.IsTrue("allUsers") || connection.SignedIn == _signedIn);
        var listed = !Knobs.ListsConnections ? [] : seen.Select(connection =>
        {
            var entry = new BsonDocument { { "connectionId", connection.Id }, { "active", connection.Running is not null } };
            if (connection.SignedIn is { } user && Knobs.ShowsWhoseConnections)
            {
                entry.Add("effectiveUsers", new object?[] { new BsonDocument { { "user", user.Name }, { "db", user.Database } } });
            }

            if (connection.Running is not null)
            {
                entry.Add("opid", connection.Id * 100);
            }

            return (object?)entry;
        }).ToArray();
        return Ok(new() { { "cursor", new BsonDocument { { "firstBatch", listed }, { "id", 0L }, { "ns", "admin.$cmd.aggregate" } } } });
    }

    private static string Database(BsonDocument command) => command.Text("$db")!;

    private static BsonDocument Failed() => Error(18, "AuthenticationFailed", "Authentication failed.");

    private static BsonDocument Ok(BsonDocument reply)
    {
        reply.Add("ok", 1.0);
        return reply;
    }

    private static BsonDocument Error(int code, string name, string message) =>
        new() { { "ok", 0.0 }, { "errmsg", message }, { "code", code }, { "codeName", name } };
}
