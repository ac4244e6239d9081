using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>One connection of the admin login to one node.</summary>
/// <remarks>
/// There are no time limits on the server: Redis runs what it has read even when the client has gone. A change without an answer is
/// over when <see cref="EndSessionAsync"/> says that its session is.
/// </remarks>
internal sealed class RedisAdminSession(RedisClient client, RedisServer server, string admin, SendMode send, TimeProvider clock)
    : IAdminSession, IPersistsAccounts
{
    /// <summary>How often a change is begun anew because the user's passwords were changed by others meanwhile.</summary>
    private const int Attempts = 3;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    private (AccountName Account, AclUser User)? _inspected;

    public ServerSession Session => server.Session;

    public ServerInfo Server => server.Info;

    public bool IsUsable => client.IsUsable;

    public async ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
    {
        try
        {
            var replies = await client.ExecuteAllAsync([GetUser(account), .. AdminRights.Questions(admin, account, server)], cancel);
            if (replies[0] is RespError error)
            {
                return NotReadable(error);
            }

            var user = AclUser.FromReply(replies[0]);
            _inspected = user is null ? null : (account, user);
            var (mayChange, missingGrant) = AdminRights.Judge(admin, account, server, replies.Skip(1));
            return Answer.Of(new Inspection
            {
                Rows = user is null ? [] : [user.ToRow(account, ReplicationRemark(account))],
                MayChangePassword = mayChange,
                MissingGrant = missingGrant,
                CanReadBack = true,
            });
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
    {
        if (WhyNotSent(change, cancel) is { } failure)
        {
            return new ChangeResult(Change.NotSent, failure);
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (user, unreadable) = await UserAsync(change.Account, cancel);
            if (unreadable is not null)
            {
                return new ChangeResult(Change.NotSent, unreadable);
            }

            if (user is null && !change.CreateIfMissing)
            {
                return ChangeResult.Refused(EngineError.AccountMissing, $"There is no user {change.Account} on {server.Info.Identity}.");
            }

            var result = await SetUserAsync(change, user, cancel);
            if (result.Change != Change.Refused || user is null || !await HasChangedAsync(change.Account, user, cancel))
            {
                return result;
            }
        }

        return ChangeResult.Refused(EngineError.Busy, "The user's passwords are being changed by somebody else.");
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        var (user, failure) = await ReadUserAsync(account, cancel);
        var hash = AclSetUser.Hash(password);
        return (user, failure) switch
        {
            (_, not null) => new Readback(ReadbackVerdict.Unreadable, failure),
            (null, _) => new Readback(ReadbackVerdict.Missing),
            ({ Hashes: [var only] }, _) when only == hash => new Readback(ReadbackVerdict.Matches),
            _ => new Readback(user.Hashes.Contains(hash) ? ReadbackVerdict.Mixed : ReadbackVerdict.Differs),
        };
    }

    public async ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel)
    {
        // Ids start again with every start of the server. We hold a session of the present one.
        if (session.Start != server.Session.Start)
        {
            return new SessionEndResult(SessionEnd.Gone);
        }

        try
        {
            await client.ExecuteAsync(new RespCommand("CLIENT", "KILL", "ID", session.Id), cancel);
            while (true)
            {
                switch (await client.ExecuteAsync(new RespCommand("CLIENT", "LIST", "ID", session.Id), cancel))
                {
                    case RespText { Text: var list } when string.IsNullOrWhiteSpace(list):
                        return new SessionEndResult(SessionEnd.Gone);
                    case RespError error:
                        return new SessionEndResult(SessionEnd.NotProved, error.ToFailure());
                    default:
                        await Task.Delay(LookAgainAfter, clock, cancel);
                        break;
                }
            }
        }
        catch (WireException error)
        {
            return new SessionEndResult(SessionEnd.NotProved, error.ToFailure());
        }
        catch (OperationCanceledException)
        {
            return new SessionEndResult(SessionEnd.NotProved, new Failure(EngineError.TimedOut, $"Session {session.Id} is still listed."));
        }
    }

    public async ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel)
    {
        var rules = await RulesAsync(cancel);
        return rules.Value is { } lines
            ? Answer.Of<IReadOnlyList<AccountRow>>([.. lines.Select(AclUser.FromRule).Select(found => found.User.ToRow(found.Name))])
            : rules.Failure!;
    }

    public async ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel)
    {
        if (account.User == "default")
        {
            return ChangeResult.Refused(EngineError.Unsupported, "The user default cannot be dropped.");
        }

        return await ChangeAsync(new RespCommand("ACL", "DELUSER", account.User), cancel, reply => reply switch
        {
            RespInteger { Value: > 0 } => ChangeResult.Applied,
            RespInteger => ChangeResult.Refused(EngineError.AccountMissing, $"There is no user {account} on {server.Info.Identity}."),
            RespError error => new ChangeResult(Change.Refused, error.ToFailure()),
            _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL DELUSER")),
        });
    }

    public async ValueTask<ChangeResult> PersistAsync(CancellationToken cancel)
    {
        if (server.AclFile != "")
        {
            var saved = await ChangeAsync(new RespCommand("ACL", "SAVE"), cancel, Persisted);

            // Where we may not ask for the file's name, the server's refusal tells that it has none.
            if (server.AclFile is not null || saved.Failure?.Detail.Contains("not configured to use an ACL file", StringComparison.Ordinal) is not true)
            {
                return saved;
            }
        }

        if (!server.HasConfigFile)
        {
            return ChangeResult.Refused(EngineError.NotPersisted, "The server has neither an ACL file nor a configuration file.");
        }

        return await WhyNotRewrittenAsync(cancel) is { } failure
            ? new ChangeResult(Change.Refused, failure)
            : await ChangeAsync(new RespCommand("CONFIG", "REWRITE"), cancel, Persisted);
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private static RespCommand GetUser(AccountName account) => new("ACL", "GETUSER", account.User);

    private static ChangeResult Persisted(RespValue reply) => reply switch
    {
        RespText { Text: "OK" } => ChangeResult.Applied,
        RespError { Code: "ERR" } error => ChangeResult.Refused(EngineError.NotPersisted, error.Message),
        RespError error => new ChangeResult(Change.Refused, error.ToFailure()),
        _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL SAVE or CONFIG REWRITE")),
    };

    private Failure? WhyNotSent(PasswordChange change, CancellationToken cancel) =>
        RedisNames.Check(change.Account) ?? RedisNames.Check(change.Password) ?? this switch
        {
            _ when change.AuthPlugin is not null => new Failure(EngineError.Unsupported, "These servers have no authentication plugins."),
            _ when send == SendMode.Clear && !client.IsTrusted => new Failure(EngineError.SendModeRefused, "A clear password is sent over verified TLS or a local socket only."),
            _ when cancel.IsCancellationRequested => new Failure(EngineError.TimedOut, "The deadline had passed before anything was sent."),
            _ => null,
        };

    private async ValueTask<ChangeResult> SetUserAsync(PasswordChange change, AclUser? user, CancellationToken cancel)
    {
        _inspected = null;
        var command = user is null
            ? AclSetUser.Create(change.Account, change.Password, send)
            : AclSetUser.Change(change.Account, user, change.Password, send);
        return await ChangeAsync(command, cancel, reply => reply switch
        {
            RespText { Text: "OK" } => ChangeResult.Applied with { Derived = PasswordIsAsked.Value },
            RespError error => new ChangeResult(Change.Refused, error.ToFailureWithoutRules()),
            _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL SETUSER")),
        });
    }

    /// <summary>Whether a refusal came from the first rule of <see cref="AclSetUser.Change"/>: the password it holds on to is gone.</summary>
    private async ValueTask<bool> HasChangedAsync(AccountName account, AclUser before, CancellationToken cancel)
    {
        var (now, failure) = await ReadUserAsync(account, cancel);
        return failure is null && before.Hashes is [var held, ..] && now?.Hashes.Contains(held) is not true;
    }

    /// <summary>What the last inspection of this account read, or else what the server says now.</summary>
    private async ValueTask<(AclUser? User, Failure? Failure)> UserAsync(AccountName account, CancellationToken cancel) =>
        _inspected is { } inspected && inspected.Account == account ? (inspected.User, null) : await ReadUserAsync(account, cancel);

    private async ValueTask<(AclUser? User, Failure? Failure)> ReadUserAsync(AccountName account, CancellationToken cancel)
    {
        try
        {
            var reply = await client.ExecuteAsync(GetUser(account), cancel);
            return reply is RespError error ? (null, NotReadable(error)) : (AclUser.FromReply(reply), null);
        }
        catch (WireException error)
        {
            return (null, error.ToFailure());
        }
    }

    private Failure NotReadable(RespError error) =>
        error.Code == "NOPERM" ? error.ToFailure() with { Detail = $"{error.Code} {error.Message}. Missing: ACL SETUSER {admin} +acl|getuser" } : error.ToFailure();

    private string[] ReplicationRemark(AccountName account) =>
        server.MasterUser == account.User ? ["The node's replication logs in as this user: masterauth must follow a change on its primary."] : [];

    private async ValueTask<Answer<IReadOnlyList<string>>> RulesAsync(CancellationToken cancel)
    {
        try
        {
            return await client.ExecuteAsync(new RespCommand("ACL", "LIST"), cancel) switch
            {
                RespList rules => Answer.Of<IReadOnlyList<string>>([.. rules.Items.OfType<RespText>().Select(rule => rule.Text)]),
                RespError error => error.ToFailure(),
                _ => RedisErrors.Unexpected("ACL LIST"),
            };
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    /// <summary>
    /// CONFIG REWRITE writes user lines as they are, and a start reads them with shell-like quoting: one quote in a name or a key
    /// pattern, and Redis 7.0 and Valkey 9.1 do not start again ("Unbalanced quotes in configuration line").
    /// </summary>
    private async ValueTask<Failure?> WhyNotRewrittenAsync(CancellationToken cancel)
    {
        var rules = await RulesAsync(cancel);
        return rules.Value is { } lines && lines.Any(line => line.AsSpan().ContainsAny('"', '\''))
            ? new Failure(EngineError.NotPersisted, "A user has a quote in its name or patterns; the server could not read a configuration file with it. Give the server an ACL file.")
            : rules.Failure;
    }

    /// <summary>Sends a command that changes something. Once it may have left, only an answer tells what became of it.</summary>
    private async ValueTask<ChangeResult> ChangeAsync(RespCommand command, CancellationToken cancel, Func<RespValue, ChangeResult> judge)
    {
        if (cancel.IsCancellationRequested)
        {
            return ChangeResult.NotSent(EngineError.TimedOut, "The deadline had passed before anything was sent.");
        }

        try
        {
            return judge(await client.ExecuteAsync(command, cancel));
        }
        catch (WireException error)
        {
            return new ChangeResult(Change.Unknown, error.ToFailure());
        }
    }
}
