using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>The commands that read and change users. They go to the account's database.</summary>
/// <remarks>
/// Changes wait for a majority of the replica set, or an election could take them back. <c>maxTimeMS</c> and <c>wtimeout</c> are a courtesy to the
/// server: when either has passed, the change may be done all the same. Servers on DocumentDB's extension refuse both members by name.
/// </remarks>
internal sealed class UserCommands(TimeSpan limit)
{
    private const string WriteConcern = "writeConcern";
    private const string TimeLimit = "maxTimeMS";

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

    /// <summary>Reads the users of one database.</summary>
    public static BsonDocument ReadThoseOfOne() => new() { { "usersInfo", 1 } };

    /// <summary>
    /// A new password, and nothing else. The server makes verifiers for the methods that it would give a new user; naming methods is refused by
    /// some servers (FerretDB 2.7).
    /// </summary>
    public static BsonDocument Update(AccountName account, Secret password) => new() { { "updateUser", account.User }, { "pwd", password.Reveal() } };

    /// <summary>A user that may log in and nothing else.</summary>
    public static BsonDocument Create(AccountName account, Secret password) =>
        new() { { "createUser", account.User }, { "pwd", password.Reveal() }, { "roles", Array.Empty<object?>() } };

    public static BsonDocument Drop(AccountName account) => new() { { "dropUser", account.User } };

    /// <summary>Whether a server refuses a command for what <see cref="Limited"/> adds to it.</summary>
    public static bool RefusesLimits(CommandError error) => !error.MayHaveBeenDone()
        && (error.Message.Contains($"'{WriteConcern}'", StringComparison.Ordinal) || error.Message.Contains($"'{TimeLimit}'", StringComparison.Ordinal));

    /// <summary>The change with its limits.</summary>
    public BsonDocument Limited(BsonDocument command)
    {
        var milliseconds = (int)limit.TotalMilliseconds;
        command.Add(WriteConcern, new BsonDocument { { "w", "majority" }, { "wtimeout", milliseconds } });
        command.Add(TimeLimit, milliseconds);
        return command;
    }
}
