using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>
/// The connections that are logged in as an account, from <c>$currentOp</c> with idle connections (MongoDB 4.2 and later). It does not say since when they
/// are open: they are told apart by their numbers. Between an election and the next reset nobody knows which numbers of the new primary are older.
/// </summary>
internal sealed class SessionList(MongoDbConnection connection, ServerFacts facts, AccountName admin)
{
    /// <summary>As many as fit into a reply, so that there is no second page of a list that changes.</summary>
    private const int MaxListed = 100_000;

    public async ValueTask<Answer<IReadOnlyList<AccountSession>>> ReadAsync(AccountName account, CancellationToken cancel)
    {
        if (facts.Session.ConnectionId is not { } own || facts.Hello.IsRouter)
        {
            return new Failure(EngineError.Unsupported, facts.Hello.IsRouter
                ? "A router does not show who is logged in on the servers behind it."
                : "The server does not number its connections, so that nobody can say which of them are the account's.");
        }

        try
        {
            var reply = await connection.RunAsync("admin", Question(own, account), cancel);
            return CommandError.Of(reply) is { } error ? Refused(error) : Read(reply.Document("cursor"), own, account);
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    private Answer<IReadOnlyList<AccountSession>> Read(BsonDocument? cursor, long own, AccountName account)
    {
        var listed = cursor?.List<BsonDocument>("firstBatch").ToList() ?? [];
        if (cursor?.Integer("id") is not 0)
        {
            return new Failure(EngineError.Unsupported, "The server's list of connections is longer than one reply.");
        }

        if (listed.Find(entry => entry.Integer("connectionId") == own) is not { } ours || !IsOf(ours, admin))
        {
            return new Failure(EngineError.Unsupported, "The server's list of connections does not show whose ours is, and so nothing of others.");
        }

        return Answer.Of<IReadOnlyList<AccountSession>>(
            [.. listed.Where(entry => IsOf(entry, account)).Select(entry => entry.Integer("connectionId")).OfType<long>().Where(number => number != own).Distinct().Select(Session)]);
    }

    /// <summary>An operation may be of several users at once; connections of drivers are of one.</summary>
    private static bool IsOf(BsonDocument entry, AccountName account) => entry.List<BsonDocument>("effectiveUsers")
        .Any(user => user.Text("user") == account.User && user.Text("db") == MongoDbNames.DatabaseOf(account));

    private AccountSession Session(long number) => new(
        new SessionName { ConnectionId = number, Address = facts.Session.Address, Nonce = "", Admin = "", Start = facts.Session.Start }.ToSession(), Age: null)
    {
        Number = (ulong)number,
        IsOfMovingPrimary = facts.Hello.SetName is not null,
    };

    private static BsonDocument Question(long own, AccountName account) => new()
    {
        { "aggregate", 1 },
        {
            "pipeline", new object?[]
            {
                new BsonDocument { { "$currentOp", new BsonDocument { { "allUsers", true }, { "idleConnections", true } } } },
                new BsonDocument { { "$match", new BsonDocument { { "$or", new object?[]
                {
                    new BsonDocument { { "connectionId", own } },
                    new BsonDocument { { "effectiveUsers", new BsonDocument { { "$elemMatch", new BsonDocument { { "user", account.User }, { "db", MongoDbNames.DatabaseOf(account) } } } } } },
                } } } } },
                new BsonDocument { { "$project", new BsonDocument { { "connectionId", 1 }, { "effectiveUsers", 1 } } } },
            }
        },
        { "cursor", new BsonDocument { { "batchSize", MaxListed } } },
    };

    private Failure Refused(CommandError error)
    {
        var failure = error.ToFailure();
        return failure.Lacking(failure.Error == EngineError.AdminLacksPrivilege ? AdminRights.Grant(admin, AdminRights.Role("clusterMonitor", "admin")) : null);
    }
}
