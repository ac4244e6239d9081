using System.Collections.Concurrent;
using Keyturn.Engines;
using Keyturn.Instances;

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
    private readonly Dictionary<string, string> _kept = new(StringComparer.Ordinal);
    private readonly List<(string Session, Action Apply)> _pending = [];
    private readonly Dictionary<string, (string User, DateTimeOffset? Opened)> _loggedIn = new(StringComparer.Ordinal);
    private int _lastSession;

    public string Address => address;

    /// <summary>Fates of the changes to come; <see cref="Fate.Apply"/> once it is empty.</summary>
    public ConcurrentQueue<Fate> Fates { get; } = new();

    public bool IsDown { get; set; }

    public bool IsReadOnly { get; set; }

    /// <summary>The admin may not read verifiers: evidence comes from logins.</summary>
    public bool HidesVerifiers { get; set; }

    /// <summary>Whether an old password can stay valid beside a new one.</summary>
    public bool KeepsOldPasswords { get; set; } = true;

    /// <summary>What it says that its accounts authenticate by.</summary>
    public string Method { get; set; } = "password";

    /// <summary>Its identity is that of all copies.</summary>
    public bool IsCopy { get; set; }

    /// <summary>What it says it is; by default its address.</summary>
    public string? Identity { get; set; }

    /// <summary>Another address that it is reached by.</summary>
    public string? Alias { get; set; }

    /// <summary>The other nodes that it knows.</summary>
    public List<Node> Tells { get; } = [];

    /// <summary>And what it says of them without their address.</summary>
    public List<NodeHint> Hints { get; } = [];

    /// <summary>What the admin login lacks.</summary>
    public IReadOnlyList<MissingRight> Missing { get; set; } = [];

    /// <summary>A session has the rights that there were when it connected, as on MySQL.</summary>
    public bool SeesRightsOfConnecting { get; set; }

    /// <summary>The account that it logs in to its primary as, what it holds of that one's password, and whether its link is up.</summary>
    public (string User, string? Password, bool IsUp)? Link { get; set; }

    public bool LinkWasUp { get; set; } = true;

    /// <summary>Accounts can be made like those of another node; what that one said of them stands here.</summary>
    public bool CopiesAccounts { get; set; }

    public Dictionary<string, string> Rights { get; } = [];

    /// <summary>What it says that stands in the way of a login.</summary>
    public EngineError Obstacle { get; set; }

    /// <summary>After how many wrong passwords it says that it locks accounts.</summary>
    public Lockout? Lockout { get; set; }

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

    /// <summary>Set: it says how long sessions have been connected. Otherwise they have numbers.</summary>
    public TimeProvider? SessionClock { get; set; }

    /// <summary>Set: why the admin is not shown sessions.</summary>
    public Failure? HidesSessions { get; set; }

    /// <summary>Somebody logs in and stays; the session's number.</summary>
    public string Stay(string user)
    {
        var id = Open();
        _loggedIn[id] = (user, SessionClock?.GetUtcNow());
        return id;
    }

    /// <summary>Who is logged in as the user.</summary>
    public IReadOnlyList<AccountSession> SessionsOf(string user) =>
    [
        .. from session in _loggedIn
           where session.Value.User == user && IsOpen(session.Key)
           select new AccountSession(new ServerSession(session.Key, Start), SessionClock?.GetUtcNow() - session.Value.Opened),
    ];

    /// <summary>Called as a change arrives, before its fate.</summary>
    public Func<Task> OnChange { get; set; } = () => Task.CompletedTask;

    /// <summary>Called after a login was judged, before its answer arrives.</summary>
    public Func<Task> OnLogin { get; set; } = () => Task.CompletedTask;

    /// <summary>Called as an admin session connects.</summary>
    public Action OnConnect { get; set; } = () => { };

    public Action OnAdminRefused { get; set; } = () => { };

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

    /// <summary>The older password that lets the user in beside; null where there is none.</summary>
    public string? KeptOf(string user) => _kept.GetValueOrDefault(user);

    /// <summary>Somebody else takes it away, or puts it there.</summary>
    public void Keep(string user, string? older)
    {
        if (older is null)
        {
            _kept.Remove(user);
        }
        else
        {
            _kept[user] = older;
        }
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
        foreach (var (_, apply) in _pending)
        {
            apply();
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

        if (_passwords.GetValueOrDefault(user) == password || KeptOf(user) == password)
        {
            return LoginResult.Accepted with { Session = (++_lastSession).ToString() };
        }

        RefusedLogins++;
        return new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "refused"));
    }

    /// <summary>A plain change: whatever was valid before is no longer.</summary>
    public Task<ChangeResult> ChangeAsync(string session, PasswordChange change) => ChangeAsync(session, () =>
    {
        _passwords[change.Account.User] = change.Password.Reveal();
        _kept.Remove(change.Account.User);
        if (change.Rights is { } rights)
        {
            Rights[change.Account.User] = rights;
        }
    });

    /// <summary>As MySQL does it: what is retained is the password that is current when the statement runs, whichever that is.</summary>
    public Task<ChangeResult> RetainAsync(string session, PasswordChange change) => ChangeAsync(session, () =>
    {
        _kept[change.Account.User] = _passwords[change.Account.User];
        _passwords[change.Account.User] = change.Password.Reveal();
    });

    public Task<ChangeResult> DiscardAsync(string session, string user) => ChangeAsync(session, () => _kept.Remove(user));

    private async Task<ChangeResult> ChangeAsync(string session, Action apply)
    {
        Interlocked.Increment(ref _changes);
        await OnChange();
        switch (Fates.TryDequeue(out var fate) ? fate : Fate.Apply)
        {
            case Fate.Refuse:
                return ChangeResult.Refused(RefusesWith, "refused");
            case Fate.LoseRequest:
                return ChangeResult.Unknown(EngineError.ConnectionLost, "lost");
            case Fate.LandLater:
                _pending.Add((session, apply));
                return ChangeResult.Unknown(EngineError.TimedOut, "late");
            case Fate.Hang:
                _pending.Add((session, apply));
                HasStatementUnderWay.SetResult();
                await new TaskCompletionSource().Task;
                throw new InvalidOperationException("unreachable");
            case Fate.ApplyAndLoseAnswer:
                apply();
                return ChangeResult.Unknown(EngineError.ConnectionLost, "lost");
            case Fate.Throw:
                apply();
                throw new InvalidOperationException("a bug");
            default:
                apply();
                return ChangeResult.Applied;
        }
    }
}
