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
internal sealed class RedisAdminSession(
    RedisClient client, RedisServer server, Target target, string admin, TimeProvider clock)
    : IAdminSession, IPersistsAccounts, IKeepsOldPassword, IListsSessions, IFollowsAccount, ICopiesAccounts, ITellsNodes
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    private readonly AclConversation _acl = new(client, admin);
    private readonly AdminRights _rights = new(admin, server);
    private readonly ReplicationLogin _replication = new(client, server, admin, clock);
    private (AccountName Account, AclUser User)? _inspected;
    private bool _hasFollowed;

    public ServerSession Session => server.Session;

    public ServerInfo Server { get; } = server.Describe(client, target, admin);

    public bool IsUsable => client.IsUsable;

    public async ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
    {
        try
        {
            RespCommand[] rights = [.. _rights.Questions(account)];
            var replies = await client.ExecuteAllAsync([AclConversation.GetUser(account), .. rights, .. ReplicationLogin.Questions(server, account)], cancel);
            var judged = Judge(account, replies, rights.Length);
            return replies[0] is RespError error
                ? error.ToFailure().Lacking(error.Code == "NOPERM" ? judged.GrantFor(Capability.Reset) : null)
                : Answer.Of(judged);
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    public async ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel)
    {
        try
        {
            return Answer.Of(_rights.JudgeServer(await client.ExecuteAllAsync([.. _rights.ServerQuestions()], cancel)));
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
    {
        var inspected = _inspected is { } last && last.Account == change.Account ? last.User : null;
        _inspected = null;
        return await new PasswordSetter(_acl, target, client.IsTrusted).SetAsync(change, inspected, cancel);
    }

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, Secret old, CancellationToken cancel)
    {
        _inspected = null;
        return await new PasswordSetter(_acl, target, client.IsTrusted).KeepAsync(change, old, cancel);
    }

    public async ValueTask<ChangeResult> DiscardOldPasswordAsync(AccountName account, Secret password, Secret? old, CancellationToken cancel)
    {
        _inspected = null;
        return await new PasswordSetter(_acl, target, client.IsTrusted).DiscardAsync(account, password, old, cancel);
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, Secret old, CancellationToken cancel)
    {
        var (user, failure) = await _acl.ReadUserAsync(account, cancel);
        return (user, failure) switch
        {
            (_, not null) => new Readback(ReadbackVerdict.Unreadable, failure),
            (null, _) => new Readback(ReadbackVerdict.Missing),
            ({ Hashes.Count: 2 }, _) when user.Hashes.ToHashSet(StringComparer.Ordinal).SetEquals([AclSetUser.Hash(password), AclSetUser.Hash(old)]) => new Readback(ReadbackVerdict.Matches),
            _ => new Readback(ReadbackVerdict.Differs),
        };
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        var (user, failure) = await _acl.ReadUserAsync(account, cancel);
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
        // Ids start again with every start of the server, and we hold a session of the present one.
        if (session.Start != server.Session.Start)
        {
            return new SessionEndResult(SessionEnd.Gone);
        }

        try
        {
            var killed = await client.ExecuteAsync(new RespCommand("CLIENT", "KILL", "ID", session.Id), cancel);
            return await WaitUntilGoneAsync(session, killed as RespError, cancel);
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
        var rules = await _acl.ReadRulesAsync(cancel);
        return rules.Value is { } lines
            ? Answer.Of<IReadOnlyList<AccountRow>>([.. lines.Select(AclUser.FromRule).Select(found => found.User.ToRow(found.Name))])
            : rules.Failure!;
    }

    public async ValueTask<Answer<IReadOnlyList<AccountSession>>> ListSessionsAsync(AccountName account, CancellationToken cancel)
    {
        try
        {
            return await client.ExecuteAsync(new RespCommand("CLIENT", "LIST"), cancel) switch
            {
                RespText { Text: var list } => Answer.Of<IReadOnlyList<AccountSession>>(
                    [.. ClientLine.ReadAll(list).Where(line => line.User == account.User && line.Id != server.Session.Id)
                        .Select(line => new AccountSession(server.Session with { Id = line.Id }, line.Age))]),
                RespError error => error.ToFailure(admin),
                _ => RedisErrors.Unexpected("CLIENT LIST"),
            };
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    public async ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel) => account.User == "default"
        ? ChangeResult.Refused(EngineError.Unsupported, "The user default cannot be dropped.")
        : await _acl.ChangeAsync(new RespCommand("ACL", "DELUSER", account.User), reply => Dropped(account, reply), cancel);

    /// <summary>Users, and the password for the link where that has followed: it stands in the configuration file, wherever users do.</summary>
    public async ValueTask<ChangeResult> PersistAsync(CancellationToken cancel)
    {
        var file = new AccountsFile(_acl, server);
        var written = await file.WriteAsync(cancel);
        return _hasFollowed && server.AclFile != "" && written.Change == Change.Applied ? await file.WriteSettingsAsync(cancel) : written;
    }

    public bool MayFollow(AccountName account) => ReplicationLogin.MayUse(server, account);

    public async ValueTask<FollowResult> FollowAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        var followed = await _replication.FollowAsync(account, password, cancel);
        _hasFollowed |= followed.Follows;
        return followed;
    }

    public ValueTask<Failure?> AwaitLinkAsync(CancellationToken cancel) => _replication.AwaitLinkAsync(cancel);

    public async ValueTask<Answer<string>> ReadRightsAsync(AccountName account, CancellationToken cancel)
    {
        var rules = await _acl.ReadRulesAsync(cancel);
        return rules.Value is not { } lines ? rules.Failure!
            : lines.FirstOrDefault(line => AclUser.FromRule(line).Name == account) is { } line ? Answer.Of(AclSetUser.RightsOf(line))
            : new Failure(EngineError.AccountMissing, $"There is no user {account} on {target.Node}.");
    }

    public async ValueTask<Answer<NodesTold>> ReadNodesAsync(CancellationToken cancel)
    {
        try
        {
            return Topology.Read(server.Session.Start, admin, await client.ExecuteAllAsync(Topology.Questions(server.IsCluster), cancel), target.Tls.Mode != TlsMode.Disable);
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    /// <param name="account">Who was asked for.</param>
    /// <param name="replies">The user, then what the admin login may do, then perhaps masterauth.</param>
    /// <param name="rights">How many of them are about what it may do.</param>
    private Inspection Judge(AccountName account, IReadOnlyList<RespValue> replies, int rights)
    {
        var isReadable = replies[0] is not RespError;
        var user = isReadable ? AclUser.FromReply(replies[0]) : null;
        _inspected = user is null ? null : (account, user);
        var follows = ReplicationLogin.Judge(server, account, replies.ElementAtOrDefault(1 + rights));
        var (mayChange, missing) = _rights.Judge(account, isReadable, follows, [.. replies.Skip(1).Take(rights)]);
        string[] remarks = follows ? ["The node's replication logs in as this user: masterauth follows a reset."] : [];
        return new Inspection
        {
            Rows = user is null ? [] : [user.ToRow(account, remarks)],
            MayChangePassword = mayChange,
            Missing = missing,
            CanReadBack = true,
        };
    }

    private async ValueTask<SessionEndResult> WaitUntilGoneAsync(ServerSession session, RespError? notKilled, CancellationToken cancel)
    {
        while (true)
        {
            switch (await client.ExecuteAsync(new RespCommand("CLIENT", "LIST", "ID", session.Id), cancel))
            {
                case RespText { Text: var list } when string.IsNullOrWhiteSpace(list):
                    return new SessionEndResult(SessionEnd.Gone);
                case RespError error:
                    return new SessionEndResult(SessionEnd.NotProved, error.ToFailure(admin));
                case var _ when notKilled is not null:
                    return new SessionEndResult(SessionEnd.NotProved, notKilled.ToFailure(admin));
            }

            await Task.Delay(LookAgainAfter, clock, cancel);
        }
    }

    private ChangeResult Dropped(AccountName account, RespValue reply) => reply switch
    {
        RespInteger { Value: > 0 } => ChangeResult.Applied,
        RespInteger => ChangeResult.Refused(EngineError.AccountMissing, $"There is no user {account} on {target.Node}."),
        RespError error => new ChangeResult(Change.Refused, error.ToFailure(admin)),
        _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL DELUSER")),
    };
}
