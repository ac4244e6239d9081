using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Tests.Resets;

/// <summary>The engine of simulated servers, found by the host of the node.</summary>
public sealed class SimulatedEngine(IReadOnlyList<SimulatedServer> servers, EngineTraits traits) : IEngine
{
    private SimulatedServer At(Node node) => servers.Single(server => server.Address == node.Host || server.Alias == node.Host);

    public string Name => "simulated";

    public EngineTraits Traits => traits;

    public Failure? Validate(AccountName account) => account.User.Length == 0 ? new Failure(EngineError.InvalidName, "empty") : null;

    public ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        var server = At(target.Node);
        server.OnConnect();
        Answer<IAdminSession> answer = server switch
        {
            { IsDown: true } => new Failure(EngineError.Unreachable, "down"),
            _ when server[admin.Account.User] != admin.Password.Reveal() => Refuse(server),
            { CopiesAccounts: true } => Answer.Of<IAdminSession>(new CopyingSession(server)),
            { KeepsOldPasswords: true } => Answer.Of<IAdminSession>(new FullSession(server)),
            _ => Answer.Of<IAdminSession>(new Session(server)),
        };
        return ValueTask.FromResult(answer);
    }

    private static Failure Refuse(SimulatedServer server)
    {
        server.OnAdminRefused();
        return new Failure(EngineError.AdminLoginRefused, "refused");
    }

    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        var server = At(target.Node);
        var login = server.LogIn(account.Account.User, account.Password.Reveal());
        await server.OnLogin();
        return login;
    }

    private sealed class CopyingSession(SimulatedServer server) : Session(server), ICopiesAccounts
    {
        public ValueTask<Answer<string>> ReadRightsAsync(AccountName account, CancellationToken cancel) => ValueTask.FromResult(Answer.Of($"rights of {account}"));
    }

    private class Session(SimulatedServer server) : IAdminSession, ITellsNodes, IFollowsAccount
    {
        private readonly string _id = server.Open();
        private readonly IReadOnlyList<MissingRight> _lacked = server.Missing;
        private bool _isBroken;

        protected string Id => _id;

        ServerSession IAdminSession.Session => new(_id, server.Start);

        public ServerInfo Server => new() { Product = "Simulated", Version = "1", Identity = server.Identity ?? server.Address, HasIdentityOfItsPrimary = server.IsCopy, IsReadOnly = server.IsReadOnly };

        public bool IsUsable => !_isBroken && server.IsOpen(_id) && !server.IsDown;

        public ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
        {
            if (!IsUsable)
            {
                return ValueTask.FromResult<Answer<Inspection>>(new Failure(EngineError.ConnectionLost, "gone"));
            }

            if (server.HoldsReadersUp)
            {
                return ValueTask.FromResult<Answer<Inspection>>(new Failure(EngineError.TimedOut, "waits behind a change"));
            }

            var row = new AccountRow { Name = account, Method = server.Method, IsForOtherHost = server.RowsAreForOtherHosts, LoginObstacle = server.Obstacle, Lockout = server.Lockout };
            IReadOnlyList<AccountRow> rows =
                server[account.User] is null ? []
                : server.HasSecondRow ? [row, row with { Name = account with { Host = "%" }, LoginObstacle = EngineError.None }]
                : [row];
            return ValueTask.FromResult(Answer.Of(new Inspection { Rows = rows, MayChangePassword = Missing.Count == 0, Missing = Missing, CanReadBack = !server.HidesVerifiers }));
        }

        public ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel) => ValueTask.FromResult(Answer.Of(Missing));

        private IReadOnlyList<MissingRight> Missing => server.SeesRightsOfConnecting ? _lacked : server.Missing;

        public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
        {
            if (!IsUsable)
            {
                return ChangeResult.NotSent(EngineError.ConnectionLost, "gone");
            }

            return Noted(await server.ChangeAsync(_id, change));
        }

        protected ChangeResult Noted(ChangeResult result)
        {
            _isBroken |= result.Change == Change.Unknown;
            return result;
        }

        public ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel) => ValueTask.FromResult(
            !IsUsable ? new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.ConnectionLost, "gone"))
            : server.HidesVerifiers ? new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.AdminLacksPrivilege, "hidden"))
            : new Readback(Compare(account.User, password.Reveal())));

        private ReadbackVerdict Compare(string user, string password) => (server[user], server.KeptOf(user)) switch
        {
            (null, _) => ReadbackVerdict.Missing,
            (var stored, null) => stored == password ? ReadbackVerdict.Matches : ReadbackVerdict.Differs,
            var (stored, kept) => stored == password || kept == password ? ReadbackVerdict.Mixed : ReadbackVerdict.Differs,
        };

        public ValueTask<Answer<NodesTold>> ReadNodesAsync(CancellationToken cancel) =>
            ValueTask.FromResult(Answer.Of(new NodesTold(server.Address, server.IsReadOnly ? NodeRole.Replica : NodeRole.Primary, server.Tells) { Hints = server.Hints }));

        public bool MayFollow(AccountName account) => server.Link?.User == account.User;

        public ValueTask<FollowResult> FollowAsync(AccountName account, Secret password, CancellationToken cancel)
        {
            var (user, _, isUp) = server.Link!.Value;
            server.Link = (user, password.Reveal(), isUp);
            return ValueTask.FromResult(new FollowResult(Follows: true) { WasUp = server.LinkWasUp });
        }

        public ValueTask<Failure?> AwaitLinkAsync(CancellationToken cancel) =>
            ValueTask.FromResult(server.Link is { IsUp: false } ? new Failure(EngineError.Busy, "down") : null);

        public ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel)
        {
            if (server.CannotEndSessions)
            {
                return ValueTask.FromResult(new SessionEndResult(SessionEnd.NotProved, new Failure(EngineError.AdminLacksPrivilege, "no right to end sessions")));
            }

            if (session.Start == server.Start)
            {
                server.Ended.Add(session.Id);
                server.End(session.Id);
            }

            return ValueTask.FromResult(new SessionEndResult(SessionEnd.Gone));
        }

        public ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel) => ValueTask.FromResult(
            !IsUsable ? new Failure(EngineError.ConnectionLost, "gone")
            : Answer.Of<IReadOnlyList<AccountRow>>([.. server.Users.Select(user => new AccountRow { Name = new AccountName(user), Method = server.Method })]));

        public ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel)
        {
            var result = server.Drop(account.User);
            _isBroken |= result.Change == Change.Unknown;
            return ValueTask.FromResult(result);
        }

        /// <summary>A client that closes its socket does not end its session: the server may still be running what it was sent.</summary>
        public ValueTask DisposeAsync()
        {
            if (!_isBroken)
            {
                server.End(_id);
            }

            return ValueTask.CompletedTask;
        }
    }

    private sealed class FullSession(SimulatedServer server) : Session(server), IKeepsOldPassword, IListsSessions
    {
        private readonly SimulatedServer _server = server;

        public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, Secret old, CancellationToken cancel)
        {
            var (user, kept) = (change.Account.User, _server.KeptOf(change.Account.User));
            return !IsUsable ? ChangeResult.NotSent(EngineError.ConnectionLost, "gone")
                : _server[user] == old.Reveal() ? Noted(await _server.RetainAsync(Id, change))
                : _server[user] != change.Password.Reveal() ? ChangeResult.Refused(EngineError.WrongPassword, "neither is in force")
                : kept is null || kept == old.Reveal() ? ChangeResult.Applied
                : Noted(await _server.DiscardAsync(Id, user));
        }

        public async ValueTask<ChangeResult> DiscardOldPasswordAsync(AccountName account, Secret password, Secret? old, CancellationToken cancel) =>
            !IsUsable ? ChangeResult.NotSent(EngineError.ConnectionLost, "gone")
            : _server[account.User] == password.Reveal() ? Noted(await _server.DiscardAsync(Id, account.User))
            : ChangeResult.Refused(EngineError.WrongPassword, "not in force");

        public ValueTask<Answer<IReadOnlyList<AccountSession>>> ListSessionsAsync(AccountName account, CancellationToken cancel) =>
            ValueTask.FromResult(_server.HidesSessions is { } hidden ? hidden : Answer.Of(_server.SessionsOf(account.User)));

        public ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, Secret old, CancellationToken cancel) => ValueTask.FromResult(
            !IsUsable ? new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.ConnectionLost, "gone"))
            : new Readback(_server[account.User] == password.Reveal() && _server.KeptOf(account.User) == old.Reveal() ? ReadbackVerdict.Matches : ReadbackVerdict.Differs));
    }
}
