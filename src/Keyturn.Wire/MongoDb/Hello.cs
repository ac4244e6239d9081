namespace Keyturn.Wire.MongoDb;

/// <summary>What a server says of itself before anybody has logged in: the reply to <c>hello</c>.</summary>
/// <param name="reply">The reply.</param>
public sealed class Hello(BsonDocument reply)
{
    private const int CommandNotFound = 59;

    /// <summary>Takes writes: a standalone server, a primary, or a router.</summary>
    public bool IsWritable => reply.IsTrue("isWritablePrimary") || reply.IsTrue("ismaster");

    /// <summary>A router of a sharded cluster (mongos).</summary>
    public bool IsRouter => reply.Text("msg") == "isdbgrid";

    /// <summary>Name of the replica set; null outside one.</summary>
    public string? SetName => reply.Text("setName");

    /// <summary>Address of the set's primary, as its members know it; null where there is none now.</summary>
    public string? Primary => reply.Text("primary");

    /// <summary>The server's address, as its set knows it; null outside one.</summary>
    public string? Me => reply.Text("me");

    /// <summary>The server's number for this connection (4.2 and later); null where it gives none.</summary>
    public long? ConnectionId => reply.Integer("connectionId");

    /// <summary>Made anew at each start of the server's process (4.4 and later); null where it gives none.</summary>
    public string? ProcessId => (reply.Document("topologyVersion")?["processId"] as BsonId)?.Hex;

    /// <summary>Methods of the account that was asked about; null where the server does not say, as for one that is not there.</summary>
    public IReadOnlyList<string>? Mechanisms => reply.Has("saslSupportedMechs") ? [.. reply.List<string>("saslSupportedMechs")] : null;

    /// <summary>The answer to <c>saslStart</c>, where the server took it along with the greeting.</summary>
    internal BsonDocument? Speculative => reply.Document("speculativeAuthenticate");

    /// <summary>
    /// Greets. Servers before 4.4.2 and their relatives know the command by its old name only. <paramref name="login"/> are the members that
    /// begin a login with it.
    /// </summary>
    internal static async ValueTask<Hello> GreetAsync(MongoDbConnection connection, BsonDocument login, CancellationToken cancel)
    {
        var reply = await connection.RunAsync("admin", Command("hello", login), cancel);
        if (CommandError.Of(reply)?.Code == CommandNotFound)
        {
            reply = await connection.RunAsync("admin", Command("isMaster", login), cancel);
        }

        // A router that has lost its config servers, a member that is being stopped: they cannot say what the account has, and it passes.
        return CommandError.Of(reply) is { } error
            ? throw new WireException(WireFault.Unreachable, $"the greeting was refused: {error.Message} ({error.Code})")
            : new Hello(reply);
    }

    private static BsonDocument Command(string name, BsonDocument login)
    {
        var command = new BsonDocument
        {
            { name, 1 },
            {
                "client", new BsonDocument
                {
                    { "application", new BsonDocument { { "name", "keyturn" } } },
                    { "driver", new BsonDocument { { "name", "keyturn" }, { "version", "1" } } },
                    { "os", new BsonDocument { { "type", "Linux" } } },
                }
            },
        };
        foreach (var (member, value) in login)
        {
            command.Add(member, value);
        }

        return command;
    }
}
