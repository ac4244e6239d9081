using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>The commands that read and change users. They go to the account's database.</summary>
/// <remarks>
/// Changes wait for a majority of the replica set, or an election could take them back. <c>maxTimeMS</c> and <c>wtimeout</c> are a courtesy to the
/// server: when either has passed, the change may be done all the same.
/// </remarks>
internal sealed class UserCommands(TimeSpan limit)
{
    /// <summary>Reads one user. Its verifiers tell whether they can be read back, and some servers (FerretDB 2.7) refuse to show them.</summary>
    public static BsonDocument Read(AccountName account, bool showCredentials)
    {
        var command = new BsonDocument
        {
            { "usersInfo", new BsonDocument { { "user", account.User }, { "db", MongoDbNames.DatabaseOf(account) } } },
        };
        if (showCredentials)
        {
            command.Add("showCredentials", true);
        }

        return command;
    }

    /// <summary>Reads the users of all databases.</summary>
    public static BsonDocument ReadAll() => new() { { "usersInfo", new BsonDocument { { "forAllDBs", true } } } };

    /// <summary>
    /// A new password, and nothing else. The server makes verifiers for the methods that it would give a new user; naming methods is refused by
    /// some servers (FerretDB 2.7).
    /// </summary>
    public BsonDocument Update(AccountName account, Secret password) => Limited(new() { { "updateUser", account.User }, { "pwd", password.Reveal() } });

    /// <summary>A user that may log in and nothing else.</summary>
    public BsonDocument Create(AccountName account, Secret password) =>
        Limited(new() { { "createUser", account.User }, { "pwd", password.Reveal() }, { "roles", Array.Empty<object?>() } });

    public BsonDocument Drop(AccountName account) => Limited(new() { { "dropUser", account.User } });

    private BsonDocument Limited(BsonDocument command)
    {
        var milliseconds = (int)limit.TotalMilliseconds;
        command.Add("writeConcern", new BsonDocument { { "w", "majority" }, { "wtimeout", milliseconds } });
        command.Add("maxTimeMS", milliseconds);
        return command;
    }
}
