using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>One connection of the admin login, to the server that takes writes.</summary>
internal sealed class MongoDbAdminSession(
    MongoDbConnection connection, ServerFacts facts, Target target, AccountName admin, AdminLogin login, TimeProvider clock)
    : IAdminSession, IListsSessions
{
    private readonly UserConversation _users = new(connection, new UserCommands(target.StatementLimit), facts.Info.IsReadOnly, admin);
    private (AccountName Account, bool Exists)? _inspected;
    private AdminRights? _rights;

    public ServerSession Session { get; } = facts.Session.ToSession();

    public ServerInfo Server => facts.Info;

    public bool IsUsable => connection.IsUsable;

    public async ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
    {
        var read = await ReadUserAsync(account, cancel);
        if (read.Value is not { } users)
        {
            return read.Failure!;
        }

        var asked = await ReadRightsAsync(cancel);
        if (asked.Value is not { } rights)
        {
            return asked.Failure!;
        }

        var (mayChange, missing) = rights.Judge(admin, account);
        _rights = missing.Count == 0 ? rights : null;
        return Answer.Of(new Inspection
        {
            Rows = [.. users.Select(user => user.ToRow())],
            MayChangePassword = mayChange,
            Missing = missing,
            CanReadBack = !_users.HidesCredentials,
        });
    }

    public async ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel)
    {
        var asked = await _users.AskAsync("admin", AdminRights.Question(), cancel);
        return asked.Value is { } status ? Answer.Of(new AdminRights(status).Judge(admin)) : asked.Failure!;
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

        return await _users.ChangeAsync(
            change.Account,
            () => exists ? UserCommands.Update(change.Account, change.Password) : UserCommands.Create(change.Account, change.Password, change.Roles),
            change.Password,
            cancel);
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

    public ValueTask<Answer<IReadOnlyList<AccountSession>>> ListSessionsAsync(AccountName account, CancellationToken cancel) =>
        new SessionList(connection, facts, admin).ReadAsync(account, cancel);

    public async ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel)
    {
        var read = await _users.AskAsync(MongoDbNames.DefaultDatabase, UserCommands.ReadAll(), cancel);
        if (read.Failure is { Error: EngineError.ServerError })
        {
            // Servers with one name space (FerretDB 2.7) need not know forAllDBs.
            read = await _users.AskAsync(MongoDbNames.DefaultDatabase, UserCommands.ReadThoseOfOne(), cancel);
        }

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
            _ => await _users.ChangeAsync(account, () => UserCommands.Drop(account), secret: null, cancel),
        };
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async ValueTask<Answer<IReadOnlyList<StoredUser>>> ReadUserAsync(AccountName account, CancellationToken cancel)
    {
        var read = await _users.ReadAsync(account, cancel);
        _inspected = read.Value is { } users ? (account, users.Count > 0) : null;
        return read;
    }

    private Failure? WhyNotSent(PasswordChange change) => (MongoDbNames.Check(change.Account) ?? MongoDbNames.CheckNew(change.Password)) switch
    {
        { } invalid => invalid,
        _ when change.AuthPlugin is not null => new Failure(EngineError.Unsupported, "MongoDB has no authentication plugins; the server chooses the account's methods."),
        _ when !connection.MaySendPasswords => new Failure(EngineError.TlsUnavailable, ServerFacts.NoPasswordsHere),
        _ => null,
    };

    private ChangeResult Missing(AccountName account) =>
        ChangeResult.Refused(EngineError.AccountMissing, $"There is no user {account.User} in the database {MongoDbNames.DatabaseOf(account)} on {facts.Session.Address}.");

    /// <summary>Asked once in a session, and again for as long as something is missing that may be granted meanwhile.</summary>
    private async ValueTask<Answer<AdminRights>> ReadRightsAsync(CancellationToken cancel)
    {
        if (_rights is { } known)
        {
            return Answer.Of(known);
        }

        var asked = await _users.AskAsync("admin", AdminRights.Question(), cancel);
        return asked.Value is { } status ? Answer.Of(new AdminRights(status)) : asked.Failure!;
    }

    /// <summary>An uptime is read anew: that of our own session's beginning may be shorter than a later session's without a restart.</summary>
    private async ValueTask<string> StartNowAsync(CancellationToken cancel) => facts.Hello.ProcessId is null
        ? SessionName.StartOf((await _users.AskAsync("admin", new BsonDocument { { "serverStatus", 1 } }, cancel)).Value)
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
