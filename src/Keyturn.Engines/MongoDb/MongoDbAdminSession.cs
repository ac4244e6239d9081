using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>One connection of the admin login, to the server that takes writes.</summary>
internal sealed class MongoDbAdminSession(
    MongoDbConnection connection, ServerFacts facts, Target target, AccountName admin, AdminLogin login, TimeProvider clock)
    : IAdminSession
{
    private readonly UserCommands _commands = new(target.StatementLimit);
    private (AccountName Account, bool Exists)? _inspected;
    private AdminRights? _rights;
    private bool _hidesCredentials;

    public ServerSession Session { get; } = facts.Session.ToSession();

    public ServerInfo Server => facts.Info;

    public bool IsUsable => connection.IsUsable;

    public async ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
    {
        var read = await ReadUserAsync(account, cancel);
        if (read.Value is not { } users || await ReadRightsAsync(cancel) is not { } rights)
        {
            return read.Failure ?? new Failure(EngineError.ProtocolViolation, "The server does not say what the admin login may do.");
        }

        var (mayChange, missingGrant) = rights.Judge(admin, account);
        _rights = mayChange == false ? null : rights;
        return Answer.Of(new Inspection
        {
            Rows = [.. users.Select(user => user.ToRow())],
            MayChangePassword = mayChange,
            MissingGrant = missingGrant,
            CanReadBack = !_hidesCredentials,
        });
    }

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
    {
        if (WhyNotSent(change) is { } failure)
        {
            return new ChangeResult(Change.NotSent, failure);
        }

        if (_inspected?.Account != change.Account && (await ReadUserAsync(change.Account, cancel)).Failure is { } unreadable)
        {
            return new ChangeResult(Change.NotSent, unreadable);
        }

        var exists = _inspected!.Value.Exists;
        _inspected = null;
        if (!exists && !change.CreateIfMissing)
        {
            return Missing(change.Account);
        }

        var command = exists ? _commands.Update(change.Account, change.Password) : _commands.Create(change.Account, change.Password);
        return await ChangeAsync(change.Account, command, change.Password, cancel);
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        var read = await ReadUserAsync(account, cancel);
        return read.Value switch
        {
            null => new Readback(ReadbackVerdict.Unreadable, read.Failure),
            [] => new Readback(ReadbackVerdict.Missing),
            [var user, ..] => user.Compare(new Credential(account, password).ToWire()),
        };
    }

    public async ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel)
    {
        // All that was sent on this very session has been answered, or it would not be usable.
        if (session == Session)
        {
            return new SessionEndResult(SessionEnd.Gone);
        }

        if (SessionName.Of(session) is not { } other)
        {
            return SessionEnding.NotProved($"{session.Id} is no session of this engine.");
        }

        // The same process, under whichever address: a server without a number for its start is told apart by its address.
        var isHere = facts.Hello.ProcessId is not null && other.Start == Session.Start;
        if (!isHere && other.Address != facts.Session.Address)
        {
            return await EndThereAsync(session, other, cancel);
        }

        return !facts.Hello.IsRouter && SessionName.IsLater(await StartNowAsync(cancel), other.Start)
            ? new SessionEndResult(SessionEnd.Gone)
            : await new SessionEnding(connection, facts, admin, clock).RunAsync(other, cancel);
    }

    public async ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel)
    {
        var read = await AskAsync("admin", UserCommands.ReadAll(), cancel);
        return read.Value is { } reply
            ? Answer.Of<IReadOnlyList<AccountRow>>([.. StoredUser.AllOf(reply).Select(user => user.ToRow())
                .OrderBy(row => row.Name.AuthDatabase, StringComparer.Ordinal).ThenBy(row => row.Name.User, StringComparer.Ordinal)])
            : read.Failure!;
    }

    public async ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel)
    {
        _inspected = null;
        var read = await ReadUserAsync(account, cancel);
        return read.Value switch
        {
            null => new ChangeResult(Change.NotSent, read.Failure),
            [] => Missing(account),
            _ => await ChangeAsync(account, _commands.Drop(account), secret: null, cancel),
        };
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static Failure? WhyNotSent(PasswordChange change) => (MongoDbNames.Check(change.Account) ?? MongoDbNames.CheckNew(change.Password)) switch
    {
        { } invalid => invalid,
        _ when change.AuthPlugin is not null => new Failure(EngineError.Unsupported, "MongoDB has no authentication plugins; the server chooses the account's methods."),
        _ => null,
    };

    private ChangeResult Missing(AccountName account) =>
        ChangeResult.Refused(EngineError.AccountMissing, $"There is no user {account.User} in the database {MongoDbNames.DatabaseOf(account)} on {facts.Session.Address}.");

    /// <summary>The user, or none; with verifiers where the server shows them.</summary>
    private async ValueTask<Answer<IReadOnlyList<StoredUser>>> ReadUserAsync(AccountName account, CancellationToken cancel)
    {
        var read = await AskAsync(MongoDbNames.DatabaseOf(account), UserCommands.Read(account, !_hidesCredentials), cancel);
        if (read.Failure is { Error: EngineError.ServerError or EngineError.Unsupported or EngineError.AdminLacksPrivilege } && !_hidesCredentials)
        {
            _hidesCredentials = true;
            read = await AskAsync(MongoDbNames.DatabaseOf(account), UserCommands.Read(account, showCredentials: false), cancel);
        }

        if (read.Value is not { } reply)
        {
            return read.Failure!;
        }

        var users = StoredUser.AllOf(reply);
        _inspected = (account, users.Count > 0);
        return Answer.Of(users);
    }

    /// <summary>Asked once in a session, and again for as long as something is missing that may be granted meanwhile.</summary>
    private async ValueTask<AdminRights?> ReadRightsAsync(CancellationToken cancel) =>
        _rights ?? ((await AskAsync("admin", AdminRights.Question(), cancel)).Value is { } status ? new AdminRights(status) : null);

    private async ValueTask<Answer<BsonDocument>> AskAsync(string database, BsonDocument question, CancellationToken cancel)
    {
        if (facts.Info.IsReadOnly)
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

    /// <summary>Nothing was changed on it: whoever asked connects anew, and finds the new primary.</summary>
    private async ValueTask<Failure> NoPrimaryAnyMoreAsync(CommandError error)
    {
        await connection.AbandonAsync();
        return new Failure(facts.Info.IsReadOnly ? EngineError.ReadOnlyNode : EngineError.ConnectionLost, error.ToFailure().Detail);
    }

    private Failure NotReadable(CommandError error, string database)
    {
        var failure = error.ToFailure();
        return failure with { Detail = $"{failure.Detail}. Missing: {AdminRights.Grant(admin, $"{{role: \"userAdmin\", db: \"{database}\"}}")}" };
    }

    /// <summary>Sends a command that changes something. Once it may have left, only an answer tells what became of it.</summary>
    private async ValueTask<ChangeResult> ChangeAsync(AccountName account, BsonDocument command, Secret? secret, CancellationToken cancel)
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
            return await JudgeAsync(await connection.RunAsync(MongoDbNames.DatabaseOf(account), command, cancel), account, secret);
        }
        catch (WireException error)
        {
            return new ChangeResult(Change.Unknown, error.ToFailure());
        }
    }

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
        return error.Code == MongoDbErrors.Unauthorized
            ? failure with { Detail = $"{failure.Detail}. Missing: {AdminRights.Grant(admin, $"{{role: \"userAdmin\", db: \"{MongoDbNames.DatabaseOf(account)}\"}}")}" }
            : failure;
    }

    /// <summary>An uptime is read anew: that of our own session's beginning may be shorter than a later session's without a restart.</summary>
    private async ValueTask<string> StartNowAsync(CancellationToken cancel) => facts.Hello.ProcessId is null
        ? SessionName.StartOf((await AskAsync("admin", new BsonDocument { { "serverStatus", 1 } }, cancel)).Value)
        : Session.Start;

    /// <summary>After an election the old session is on another server, and only that one knows what became of it.</summary>
    private async ValueTask<SessionEndResult> EndThereAsync(ServerSession session, SessionName other, CancellationToken cancel)
    {
        var there = await login.RunAtAsync(other.Address, cancel);
        if (there.Value is not { } onIt)
        {
            return SessionEnding.NotProved($"The session was on {other.Address}, which does not answer: {there.Failure!.Detail}");
        }

        await using (onIt)
        {
            return SessionName.Of(onIt.Session)!.Address == other.Address
                ? await onIt.EndSessionAsync(session, cancel)
                : SessionEnding.NotProved($"The session was on {other.Address}; another server answers there.");
        }
    }
}
