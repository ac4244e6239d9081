using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Simulation.Servers;

/// <summary>A session at a server. It outlives its client for as long as a statement of it is under way.</summary>
internal sealed class ServerSide(int id, string start, KeyturnNode client)
{
    public ServerSession Name { get; } = new(id.ToString(), start);

    public KeyturnNode Client { get; } = client;

    public bool IsOver { get; set; }

    /// <summary>The client's end of the connection is gone.</summary>
    public bool IsDeserted { get; set; }

    public int UnderWay { get; set; }
}

/// <summary>
/// One server: accounts, sessions, and the rule that real servers taught: a statement may land at any time until its session is over. What
/// is not durable is gone when it starts anew, and session ids begin at one again.
/// </summary>
internal sealed class SimulatedServer(World world, Node node, ServerKind kind)
{
    private readonly Dictionary<string, string> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _durable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _durableKept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _proved = new(StringComparer.Ordinal);
    private readonly List<ServerSide> _sessions = [];
    private readonly List<(TimeSpan Since, string User, string Password)> _past = [];
    private int _starts = 1;
    private int _lastId;

    public Node Node => node;

    public ServerKind Kind => kind;

    public string Name => node.Host;

    public string StartName => $"start-{_starts}";

    public Queue<ChangeFate> Fates { get; } = new();

    public Queue<LoginResult> Logins { get; } = new();

    /// <summary>How long the next <see cref="ChangeFate.LandLate"/> takes.</summary>
    public TimeSpan LateBy { get; set; } = TimeSpan.FromSeconds(8);

    public TimeSpan DownUntil { get; set; }

    public TimeSpan EndsNoSessionsUntil { get; set; }

    /// <summary>Whether its refusal to end sessions is for lack of a right, which waiting does not mend.</summary>
    public bool EndsNoSessionsForLackOfRight { get; set; }

    public TimeSpan NoMajorityUntil { get; set; }

    public bool IsDown => world.Time.Now < DownUntil;

    public void Begin(string user, string password)
    {
        _durable[user] = password;
        Put(user, password);
    }

    public string? PasswordOf(string user) => _live.GetValueOrDefault(user);

    /// <summary>The older password that lets the user in beside it.</summary>
    public string? KeptOf(string user) => _kept.GetValueOrDefault(user);

    public bool IsDurable(string user) => _durable.GetValueOrDefault(user) == PasswordOf(user) && _durableKept.GetValueOrDefault(user) == KeptOf(user);

    /// <summary>The last password that it was asked for and accepted, or showed, since the password was last set.</summary>
    public string? ProvedOf(string user) => _proved.GetValueOrDefault(user);

    /// <summary>Whether the account had the password at some time since.</summary>
    public bool HadSince(TimeSpan since, string user, string password)
    {
        if (PasswordOf(user) == password)
        {
            return true;
        }

        var until = world.Time.Now;
        for (var index = _past.Count - 1; index >= 0; index--)
        {
            var (begun, whose, text) = _past[index];
            if (whose != user)
            {
                continue;
            }

            if (text == password && until >= since)
            {
                return true;
            }

            until = begun;
            if (until < since)
            {
                return false;
            }
        }

        return false;
    }

    public ServerSide Open(KeyturnNode client)
    {
        var session = new ServerSide(++_lastId, StartName, client);
        _sessions.Add(session);
        world.Coverage.Count(Seen.SessionIdsReused, _starts > 1);
        return session;
    }

    public ServerSide? Find(ServerSession name) => _sessions.Find(session => session.Name == name);

    public void End(ServerSide session)
    {
        session.IsOver = true;
        _sessions.Remove(session);
    }

    /// <summary>The client has closed its end, or is dead.</summary>
    public void Desert(ServerSide session)
    {
        session.IsDeserted = true;
        if (session.UnderWay == 0)
        {
            End(session);
        }
    }

    public void DesertAll(KeyturnNode client)
    {
        foreach (var session in _sessions.Where(session => session.Client == client).ToList())
        {
            world.Coverage.Count(Seen.OrphanedStatements, session.UnderWay > 0);
            Desert(session);
        }
    }

    /// <summary>All connections break; what is under way goes on.</summary>
    public void Cut()
    {
        foreach (var session in _sessions.ToList())
        {
            Desert(session);
        }
    }

    /// <summary>It goes down with its sessions and what was not durable, and comes back as another start.</summary>
    public void Restart(TimeSpan downFor)
    {
        _sessions.ForEach(session => session.IsOver = true);
        _sessions.Clear();
        _lastId = 0;
        _starts++;
        DownUntil = world.Time.Now + downFor;
        foreach (var (user, password) in _durable)
        {
            if (_live[user] != password)
            {
                world.Coverage.Count(Seen.ChangesTakenBack);
                Put(user, password);
                world.Judge.TakenBack(this, user);
            }
        }

        Copy(_durableKept, _kept);
        world.Judge.Look();
    }

    /// <summary>A change takes effect. What is retained is the password that is current now, whichever that is.</summary>
    public void Land(ServerSide session, Statement statement)
    {
        var (user, password) = (statement.User, statement.Password);
        if (statement.Old == OldOne.IsRetained)
        {
            _kept[user] = _live[user];
        }
        else
        {
            _kept.Remove(user);
        }

        if (statement.Old != OldOne.IsDiscarded)
        {
            Put(user, password);
        }

        if (kind == ServerKind.Plain)
        {
            WriteOut();
        }

        world.Time.Say(Name, $"{user} {(KeptOf(user) is { } kept ? $"has {world.Judge.Alias(kept)} too" : "has no other")}");
        if (statement.Old == OldOne.IsDiscarded)
        {
            world.Judge.Look();
        }
        else
        {
            world.Judge.Landed(this, session, user, password);
        }
    }

    public void WriteOut()
    {
        Copy(_live, _durable);
        Copy(_kept, _durableKept);
    }

    /// <summary>The majority has it, unless an election was faster.</summary>
    public void Confirm(string user, string password)
    {
        if (_live[user] == password)
        {
            _durable[user] = password;
        }
    }

    public void Prove(string user, string password) => _proved[user] = password;

    private static void Copy(Dictionary<string, string> from, Dictionary<string, string> to)
    {
        to.Clear();
        foreach (var (user, password) in from)
        {
            to[user] = password;
        }
    }

    private void Put(string user, string password)
    {
        _live[user] = password;
        _proved.Remove(user);
        _past.Add((world.Time.Now, user, password));
        world.Time.Say(Name, $"{user} has {world.Judge.Alias(password)}");
    }
}
