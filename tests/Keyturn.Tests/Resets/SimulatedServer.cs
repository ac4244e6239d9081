using System.Collections.Concurrent;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Tests.Resets;

/// <summary>What the simulated server does with the next change that it is sent.</summary>
public enum Fate
{
    /// <summary>Applies it and says so.</summary>
    Apply,

    /// <summary>Says no.</summary>
    Refuse,

    /// <summary>Applies it; the answer is lost.</summary>
    ApplyAndLoseAnswer,

    /// <summary>Never gets it, and the sender cannot know.</summary>
    LoseRequest,

    /// <summary>Applies it when <see cref="SimulatedServer.LandPending"/> is called, unless its session was ended before; the answer is lost.</summary>
    LandLater,

    /// <summary>As <see cref="LandLater"/>, and the sender waits for ever: it will die first.</summary>
    Hang,

    /// <summary>A bug in the engine: throws after applying.</summary>
    Throw,
}

/// <summary>
/// One server in memory with accounts, sessions and statements under way. It keeps the rule that real servers taught: a statement may
/// land at any time until its session is over.
/// </summary>
public sealed class SimulatedServer(string address)
{
    private int _changes;
    private readonly Dictionary<string, string> _passwords = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sessions = [];
    private readonly List<(string Session, string User, string Password)> _pending = [];
    private int _lastSession;

    public string Address => address;

    /// <summary>Fates of the changes to come; <see cref="Fate.Apply"/> once it is empty.</summary>
    public ConcurrentQueue<Fate> Fates { get; } = new();

    public bool IsDown { get; set; }

    public bool IsReadOnly { get; set; }

    /// <summary>The admin may not read verifiers: evidence comes from logins.</summary>
    public bool HidesVerifiers { get; set; }

    /// <summary>What it says that its accounts authenticate by.</summary>
    public string Method { get; set; } = "password";

    /// <summary>What it says that stands in the way of a login.</summary>
    public EngineError Obstacle { get; set; }

    /// <summary>The user has a second row, for all hosts.</summary>
    public bool HasSecondRow { get; set; }

    public IEnumerable<string> Users => _passwords.Keys.Order(StringComparer.Ordinal);

    /// <summary>Accounts are for hosts that we are not.</summary>
    public bool RowsAreForOtherHosts { get; set; }

    /// <summary>Sessions cannot be shown to be over.</summary>
    public bool CannotEndSessions { get; set; }

    /// <summary>Nobody can read accounts while a change is under way, as on a MariaDB whose account table is locked.</summary>
    public bool ReadersQueueBehindChanges { get; set; }

    internal bool HoldsReadersUp => ReadersQueueBehindChanges && _pending.Count > 0;

    /// <summary>Overrides the verdict of logins.</summary>
    public LoginResult? LoginAnswers { get; set; }

    /// <summary>Called as a change arrives, before its fate.</summary>
    public Func<Task> OnChange { get; set; } = () => Task.CompletedTask;

    /// <summary>Called after a login was judged, before its answer arrives.</summary>
    public Func<Task> OnLogin { get; set; } = () => Task.CompletedTask;

    /// <summary>Called as an admin session connects.</summary>
    public Action OnConnect { get; set; } = () => { };

    public EngineError RefusesWith { get; set; } = EngineError.PasswordRefusedByServer;

    /// <summary>Done once a sender hangs.</summary>
    public TaskCompletionSource HasStatementUnderWay { get; } = new();

    public int Changes => _changes;

    public int Logins { get; private set; }

    public int RefusedLogins { get; private set; }

    public string Start { get; private set; } = "start-1";

    public string? this[string user]
    {
        get => _passwords.GetValueOrDefault(user);
        set => _passwords[user] = value!;
    }

    /// <summary>Fates of the drops to come; <see cref="Fate.Apply"/> once it is empty.</summary>
    public Queue<Fate> DropFates { get; } = new();

    public ChangeResult Drop(string user)
    {
        var fate = DropFates.TryDequeue(out var next) ? next : Fate.Apply;
        var isThere = fate == Fate.LoseRequest ? _passwords.ContainsKey(user) : _passwords.Remove(user);
        return fate is Fate.LoseRequest or Fate.ApplyAndLoseAnswer ? ChangeResult.Unknown(EngineError.ConnectionLost, "lost")
            : isThere ? ChangeResult.Applied
            : ChangeResult.Refused(EngineError.AccountMissing, "missing");
    }

    public string Open()
    {
        var id = (++_lastSession).ToString();
        _sessions.Add(id);
        return id;
    }

    public void End(string session)
    {
        _sessions.Remove(session);
        _pending.RemoveAll(statement => statement.Session == session);
    }

    /// <summary>Sessions that were ended on another's word.</summary>
    public List<string> Ended { get; } = [];

    public bool IsOpen(string session) => _sessions.Contains(session);

    /// <summary>Sessions and what they sent are gone; their numbers will be used again.</summary>
    public void Restart()
    {
        _sessions.Clear();
        _pending.Clear();
        _lastSession = 0;
        Start = $"start-{int.Parse(Start[6..]) + 1}";
    }

    /// <summary>Statements whose sessions are still there take effect.</summary>
    public void LandPending()
    {
        foreach (var (_, user, password) in _pending)
        {
            _passwords[user] = password;
        }

        _pending.Clear();
    }

    public LoginResult LogIn(string user, string password)
    {
        Logins++;
        if (IsDown)
        {
            return new LoginResult(Login.Unreachable, new Failure(EngineError.Unreachable, "down"));
        }

        if (LoginAnswers is not null)
        {
            return LoginAnswers;
        }

        if (_passwords.GetValueOrDefault(user) == password)
        {
            return LoginResult.Accepted;
        }

        RefusedLogins++;
        return new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "refused"));
    }

    public async Task<ChangeResult> ChangeAsync(string session, PasswordChange change)
    {
        Interlocked.Increment(ref _changes);
        await OnChange();
        var (user, password) = (change.Account.User, change.Password.Reveal());
        switch (Fates.TryDequeue(out var fate) ? fate : Fate.Apply)
        {
            case Fate.Refuse:
                return ChangeResult.Refused(RefusesWith, "refused");
            case Fate.LoseRequest:
                return ChangeResult.Unknown(EngineError.ConnectionLost, "lost");
            case Fate.LandLater:
                _pending.Add((session, user, password));
                return ChangeResult.Unknown(EngineError.TimedOut, "late");
            case Fate.Hang:
                _pending.Add((session, user, password));
                HasStatementUnderWay.SetResult();
                await new TaskCompletionSource().Task;
                throw new InvalidOperationException("unreachable");
            case Fate.ApplyAndLoseAnswer:
                _passwords[user] = password;
                return ChangeResult.Unknown(EngineError.ConnectionLost, "lost");
            case Fate.Throw:
                _passwords[user] = password;
                throw new InvalidOperationException("a bug");
            default:
                _passwords[user] = password;
                return ChangeResult.Applied;
        }
    }
}

/// <summary>The engine of simulated servers, found by the host of the node.</summary>
public sealed class SimulatedEngine(IEnumerable<SimulatedServer> servers, EngineTraits traits) : IEngine
{
    private readonly Dictionary<string, SimulatedServer> _servers = servers.ToDictionary(server => server.Address, StringComparer.Ordinal);

    public string Name => "simulated";

    public EngineTraits Traits => traits;

    public Failure? Validate(AccountName account) => account.User.Length == 0 ? new Failure(EngineError.InvalidName, "empty") : null;

    public ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        var server = _servers[target.Node.Host];
        server.OnConnect();
        Answer<IAdminSession> answer = server switch
        {
            { IsDown: true } => new Failure(EngineError.Unreachable, "down"),
            _ when server[admin.Account.User] != admin.Password.Reveal() => new Failure(EngineError.AdminLoginRefused, "refused"),
            _ => Answer.Of<IAdminSession>(new Session(server)),
        };
        return ValueTask.FromResult(answer);
    }

    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        var server = _servers[target.Node.Host];
        var login = server.LogIn(account.Account.User, account.Password.Reveal());
        await server.OnLogin();
        return login;
    }

    private sealed class Session(SimulatedServer server) : IAdminSession
    {
        private readonly string _id = server.Open();
        private bool _isBroken;

        ServerSession IAdminSession.Session => new(_id, server.Start);

        public ServerInfo Server => new() { Product = "Simulated", Version = "1", Identity = server.Address, IsReadOnly = server.IsReadOnly };

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

            var row = new AccountRow { Name = account, Method = server.Method, IsForOtherHost = server.RowsAreForOtherHosts, LoginObstacle = server.Obstacle };
            IReadOnlyList<AccountRow> rows =
                server[account.User] is null ? []
                : server.HasSecondRow ? [row, row with { Name = account with { Host = "%" }, LoginObstacle = EngineError.None }]
                : [row];
            return ValueTask.FromResult(Answer.Of(new Inspection { Rows = rows, MayChangePassword = true, CanReadBack = !server.HidesVerifiers }));
        }

        public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
        {
            if (!IsUsable)
            {
                return ChangeResult.NotSent(EngineError.ConnectionLost, "gone");
            }

            var result = await server.ChangeAsync(_id, change);
            _isBroken |= result.Change == Change.Unknown;
            return result;
        }

        public ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel) => ValueTask.FromResult(
            !IsUsable ? new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.ConnectionLost, "gone"))
            : server.HidesVerifiers ? new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.AdminLacksPrivilege, "hidden"))
            : new Readback(server[account.User] is not { } stored ? ReadbackVerdict.Missing : stored == password.Reveal() ? ReadbackVerdict.Matches : ReadbackVerdict.Differs));

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
}
