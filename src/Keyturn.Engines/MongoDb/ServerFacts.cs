using System.Security.Cryptography;
using Keyturn.Instances;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>What a server tells about itself and our session once the admin has logged in.</summary>
internal sealed record ServerFacts
{
    /// <summary>Said when the server is registered, and of each change that is asked for.</summary>
    public const string NoPasswordsHere = "Passwords can be checked here and cannot be set: MongoDB takes new ones as they are, and so they are sent over verified TLS, "
        + "or to a server on this machine. Give the server a certificate and register its CA; for development its port can be published at 127.0.0.1.";

    public required Hello Hello { get; init; }

    public required SessionName Session { get; init; }

    public required ServerInfo Info { get; init; }

    /// <summary>Asks all of it. Changes nothing. What the admin login may not ask is left out.</summary>
    public static async ValueTask<ServerFacts> ReadAsync(GreetedServer server, AccountName admin, CancellationToken cancel)
    {
        var connection = server.Connection;
        var hello = server.Hello;
        var build = await AskAsync(connection, "admin", new BsonDocument { { "buildInfo", 1 } }, cancel);
        var status = hello.ProcessId is null ? await AskAsync(connection, "admin", new BsonDocument { { "serverStatus", 1 } }, cancel) : null;
        var isFerret = build?.Has("ferretdbVersion") is true || build?.Has("ferretdb") is true;
        return new ServerFacts
        {
            Hello = hello,
            Session = new SessionName
            {
                ConnectionId = hello.ConnectionId,
                Address = server.Address,
                Nonce = RandomNumberGenerator.GetHexString(8, lowercase: true),
                Admin = SessionName.DigitsOf(admin),
                Start = hello.ProcessId is { } process ? SessionName.StartOf(process) : SessionName.StartOf(status),
            },
            Info = new ServerInfo
            {
                Product = isFerret ? "FerretDB" : "MongoDB",
                Version = isFerret ? build!.Text("ferretdbVersion") ?? build.Document("ferretdb")?.Text("version") ?? "" : build?.Text("version") ?? "",
                Identity = await IdentityAsync(server, cancel) ?? server.Node.Address,
                IsReadOnly = !hello.IsWritable,
                TlsProtocol = connection.TlsProtocol,
                Remarks = [.. await RemarksAsync(server, isFerret, cancel)],
            },
        };
    }

    /// <summary>
    /// What stays the same whichever member we speak to and whatever they are called: the id that a replica set or a sharded cluster was made
    /// with. Null where there is none, or the admin login may not ask (the role clusterMonitor may).
    /// </summary>
    private static async ValueTask<string?> IdentityAsync(GreetedServer server, CancellationToken cancel)
    {
        if (server.Hello.IsRouter)
        {
            var version = await AskAsync(server.Connection, "config", new BsonDocument { { "find", "version" }, { "limit", 1 }, { "singleBatch", true } }, cancel);
            var first = version?.Document("cursor")?.List<BsonDocument>("firstBatch").FirstOrDefault();
            return first?["clusterId"] is BsonId cluster ? $"cluster {cluster.Hex}" : null;
        }

        var reply = server.Hello.SetName is null ? null : await AskAsync(server.Connection, "admin", new BsonDocument { { "replSetGetConfig", 1 } }, cancel);
        return reply?.Document("config")?.Document("settings")?["replicaSetId"] is BsonId set ? $"replica set {set.Hex}" : null;
    }

    private static async ValueTask<IEnumerable<string>> RemarksAsync(GreetedServer server, bool isFerret, CancellationToken cancel)
    {
        var remarks = new List<string>();
        if (!server.Connection.MaySendPasswords)
        {
            remarks.Add(NoPasswordsHere);
        }
        else if (!server.Connection.IsTrusted)
        {
            remarks.Add("The server's certificate is not verified: that is for a server on this machine, since MongoDB takes new passwords as they are.");
        }

        if (server.Hello.IsRouter)
        {
            remarks.Add("This is a router: others of its cluster may accept the old password for as long as they keep accounts in memory, 30 s by default. "
                + "A change without an answer cannot be shown to be over through it; the config servers' replica set can be registered in its place.");
        }

        if (isFerret)
        {
            remarks.Add("FerretDB lets every user change every other's password, and from version 2 on a user that is made without roles is an administrator "
                + "(clusterAdmin, readWriteAnyDatabase): name a role.");
            remarks.Add("FerretDB does not number its connections: a change that gets no answer is settled once the server has been started anew, and not before.");
        }
        else if (await IsAuthorizationOffAsync(server.Connection, cancel))
        {
            remarks.Add("Authorization is off: the server checks a password that it is given, and does without one too.");
        }

        return remarks;
    }

    /// <summary>Only where the server says so; it need not tell.</summary>
    private static async ValueTask<bool> IsAuthorizationOffAsync(MongoDbConnection connection, CancellationToken cancel)
    {
        var options = await AskAsync(connection, "admin", new BsonDocument { { "getCmdLineOpts", 1 } }, cancel);
        var security = options?.Document("parsed")?.Document("security");
        return options?.Document("parsed") is not null && security?.Text("authorization") != "enabled" && security?.Has("keyFile") is not true && security?.Has("clusterAuthMode") is not true;
    }

    private static async ValueTask<BsonDocument?> AskAsync(MongoDbConnection connection, string database, BsonDocument question, CancellationToken cancel)
    {
        // A secondary answers only who says that it may be one.
        question.Add("$readPreference", new BsonDocument { { "mode", "primaryPreferred" } });
        var reply = await connection.RunAsync(database, question, cancel);
        return CommandError.Of(reply) is null ? reply : null;
    }
}
