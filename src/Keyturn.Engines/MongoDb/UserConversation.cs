using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>Asks a server about its users and tells it to change them; what breaks on the way becomes an outcome.</summary>
internal sealed class UserConversation(MongoDbConnection connection, UserCommands commands, bool isReadOnly, AccountName admin)
{
    private bool _refusesLimits;

    /// <summary>Known after a reading: the server shows no verifiers.</summary>
    public bool HidesCredentials { get; private set; }

    /// <summary>The user, or none; with verifiers where the server shows them.</summary>
    public async ValueTask<Answer<IReadOnlyList<StoredUser>>> ReadAsync(AccountName account, CancellationToken cancel)
    {
        var read = await AskAsync(MongoDbNames.DatabaseOf(account), UserCommands.Read(account, !HidesCredentials), cancel);
        if (read.Failure is { Error: EngineError.ServerError or EngineError.Unsupported or EngineError.AdminLacksPrivilege } && !HidesCredentials)
        {
            HidesCredentials = true;
            read = await AskAsync(MongoDbNames.DatabaseOf(account), UserCommands.Read(account, showCredentials: false), cancel);
        }

        return read.Value is { } reply ? Answer.Of(StoredUser.AllOf(reply)) : read.Failure!;
    }

    /// <summary>The reply to a command that changes nothing.</summary>
    public async ValueTask<Answer<BsonDocument>> AskAsync(string database, BsonDocument question, CancellationToken cancel)
    {
        if (isReadOnly)
        {
            question.Add("$readPreference", new BsonDocument { { "mode", "secondaryPreferred" } });
        }

        try
        {
            var reply = await connection.RunAsync(database, question, cancel);
            return CommandError.Of(reply) switch
            {
                null => Answer.Of(reply),
                { } error when error.IsNotPrimary() => await NoPrimaryAnyMoreAsync(error),
                { Code: MongoDbErrors.Unauthorized } error => NotReadable(error, database),
                var error => error.ToFailure(),
            };
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    /// <summary>Sends a command that changes something. Once it may have left, only an answer tells what became of it.</summary>
    public async ValueTask<ChangeResult> ChangeAsync(AccountName account, Func<BsonDocument> command, Secret? secret, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
        {
            return ChangeResult.NotSent(EngineError.TimedOut, "The deadline had passed before anything was sent.");
        }

        if (!connection.IsUsable)
        {
            return ChangeResult.NotSent(EngineError.ConnectionLost, "The session was broken before anything was sent.");
        }

        try
        {
            return await JudgeAsync(await RunAsync(MongoDbNames.DatabaseOf(account), command, cancel), account, secret);
        }
        catch (WireException error)
        {
            return new ChangeResult(Change.Unknown, error.ToFailure());
        }
    }

    /// <summary>With limits; and again without them where the server has said that it does not know them, and so has changed nothing.</summary>
    private async ValueTask<BsonDocument> RunAsync(string database, Func<BsonDocument> command, CancellationToken cancel)
    {
        if (!_refusesLimits)
        {
            var reply = await connection.RunAsync(database, commands.Limited(command()), cancel);
            if (CommandError.Of(reply) is not { } error || !UserCommands.RefusesLimits(error))
            {
                return reply;
            }

            _refusesLimits = true;
        }

        return await connection.RunAsync(database, command(), cancel);
    }

    /// <summary>Nothing was changed on it: whoever asked connects anew, and finds the new primary.</summary>
    private async ValueTask<Failure> NoPrimaryAnyMoreAsync(CommandError error)
    {
        await connection.AbandonAsync();
        return new Failure(isReadOnly ? EngineError.ReadOnlyNode : EngineError.ConnectionLost, error.ToFailure().Detail);
    }

    private Failure NotReadable(CommandError error, string database) => error.ToFailure().Lacking(AdminRights.Grant(admin, AdminRights.Role("userAdmin", database)));

    private async ValueTask<ChangeResult> JudgeAsync(BsonDocument reply, AccountName account, Secret? secret)
    {
        var refusal = CommandError.Of(reply);
        if ((refusal ?? CommandError.OfWriteConcern(reply)) is not { } error)
        {
            return ChangeResult.Applied;
        }

        // Done here and not on a majority, it may be taken back; interrupted, it may be done: nothing more is sent on this session.
        var isUnknown = refusal is null || refusal.MayHaveBeenDone();
        if (isUnknown || error.IsNotPrimary())
        {
            await connection.AbandonAsync();
        }

        return new ChangeResult(isUnknown ? Change.Unknown : Change.Refused, WhyNotChanged(error, account, secret));
    }

    private Failure WhyNotChanged(CommandError error, AccountName account, Secret? secret)
    {
        // No server is known to repeat a password in an error. One that does is not quoted.
        var isQuotable = secret is null || !error.Message.Contains(secret.Reveal(), StringComparison.Ordinal);
        var failure = (isQuotable ? error : error with { Message = "The server refuses the change" }).ToFailure();
        return failure.Lacking(error.Code == MongoDbErrors.Unauthorized ? AdminRights.Grant(admin, AdminRights.Role("userAdmin", MongoDbNames.DatabaseOf(account))) : null);
    }
}
