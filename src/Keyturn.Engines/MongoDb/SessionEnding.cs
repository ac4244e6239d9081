using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>Kills what another connection is running, and waits until the server lists the connection no more.</summary>
/// <remarks>
/// A connection that is idle cannot be closed from outside, and what its socket holds may not have been read yet: it is not over until its
/// client, or the server's keep-alive, has ended it. Our own worker closes a connection whose answer it does not wait for. An admin login that may
/// not see others' connections (inprog) sees its own on a mongod, and may kill what they run: enough where it was the one that sent the change.
/// </remarks>
internal sealed class SessionEnding(MongoDbConnection connection, ServerFacts facts, AccountName admin, TimeProvider clock)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    // Long enough for a server under load to notice a closed socket or a kill, short of every caller's patience.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private bool _seesOwnOnly;

    /// <summary>For a session of the server that we are connected to, and of its present start.</summary>
    public async ValueTask<SessionEndResult> RunAsync(SessionName session, CancellationToken cancel)
    {
        if (session.ConnectionId is not { } number || facts.Session.ConnectionId is not { } own || number == own || facts.Hello.IsRouter)
        {
            return NotProved(facts.Hello.IsRouter
                ? "Through a router a change cannot be shown to be over: what it passed on runs on the config servers."
                : "The server does not number its connections, so that none can be shown to be over while it runs: it has to be started anew, and then be asked soon.");
        }

        using var patience = new Deadline(clock, Patience, cancel);
        try
        {
            return await WaitUntilGoneAsync(session, own, number, patience.Token, cancel);
        }
        catch (WireException error)
        {
            return new SessionEndResult(SessionEnd.NotProved, error.ToFailure());
        }
        catch (OperationCanceledException)
        {
            return NotProved($"Connection {number} is still open on {facts.Session.Address}, which cannot close it.");
        }
    }

    // An error that passes: the connection ends, or the server is started anew.
    public static SessionEndResult NotProved(string why) => new(SessionEnd.NotProved, new Failure(EngineError.Busy, why));

    /// <summary>The end of our patience is between two questions; the caller's deadline ends one that is not answered, and with it our own session.</summary>
    private async ValueTask<SessionEndResult> WaitUntilGoneAsync(SessionName session, long own, long number, CancellationToken patience, CancellationToken cancel)
    {
        while (true)
        {
            patience.ThrowIfCancellationRequested();
            var reply = await connection.RunAsync("admin", List(own, number), cancel);
            if (CommandError.Of(reply) is { } error)
            {
                if (error.Code == MongoDbErrors.Unauthorized && !_seesOwnOnly && session.IsOfSameAdminAs(facts.Session))
                {
                    _seesOwnOnly = true;
                    continue;
                }

                return new SessionEndResult(SessionEnd.NotProved, Refused(error));
            }

            var listed = reply.Document("cursor")?.List<BsonDocument>("firstBatch").ToList() ?? [];
            if (!listed.Exists(entry => entry.Integer("connectionId") == own))
            {
                return NotProved("The server's list of connections does not show our own, and so proves nothing of others.");
            }

            var found = listed.FindAll(entry => entry.Integer("connectionId") == number);
            if (found.Count == 0)
            {
                return new SessionEndResult(SessionEnd.Gone);
            }

            await KillAsync(facts.Hello.ProcessId is null ? [] : found, cancel);
            await Task.Delay(LookAgainAfter, clock, patience);
        }
    }

    /// <summary>
    /// What is idle has no operation. A kill that is refused shows in that the connection stays. Where nothing tells the server's starts apart,
    /// the number may be a bystander's by now, and nothing is killed.
    /// </summary>
    private async ValueTask KillAsync(List<BsonDocument> operations, CancellationToken cancel)
    {
        foreach (var operation in operations.Where(operation => operation.Has("opid")))
        {
            await connection.RunAsync("admin", new BsonDocument { { "killOp", 1 }, { "op", operation["opid"] } }, cancel);
        }
    }

    /// <summary>Connections, the idle ones too; all users' where we may see them. Our own is in the list, since it is running this.</summary>
    private BsonDocument List(long own, long number) => new()
    {
        { "aggregate", 1 },
        {
            "pipeline", new object?[]
            {
                new BsonDocument { { "$currentOp", new BsonDocument { { "allUsers", !_seesOwnOnly }, { "idleConnections", true } } } },
                new BsonDocument { { "$match", new BsonDocument { { "connectionId", new BsonDocument { { "$in", new object?[] { own, number } } } } } } },
                new BsonDocument { { "$project", new BsonDocument { { "connectionId", 1 }, { "opid", 1 } } } },
            }
        },
        { "cursor", new BsonDocument() },
    };

    private Failure Refused(CommandError error)
    {
        var failure = error.ToFailure();
        return failure.Lacking(failure.Error == EngineError.AdminLacksPrivilege ? AdminRights.Grant(admin, AdminRights.Role("clusterMonitor", "admin")) : null);
    }
}
