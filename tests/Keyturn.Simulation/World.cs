using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Simulation.Servers;
using Keyturn.Simulation.Store;

namespace Keyturn.Simulation;

/// <summary>One history as it runs: the processes, their store, their servers, and the judge. Nothing in it is shared with another one.</summary>
internal sealed class World
{
    private static readonly Guid InstanceId = new("00000000-0000-0000-0000-000000000001");
    private static readonly Guid ProjectId = new("00000000-0000-0000-0000-000000000002");
    public const string AdminName = "admin";

    private readonly History _history;
    private readonly KeyturnNode[] _nodes;

    public World(History history, Mutation broken, Coverage coverage, List<string>? trace = null)
    {
        (_history, Broken, Coverage) = (history, broken, coverage);
        Time = new Timeline(new Dice(history.Seed), history.Shape.LongestLatency) { Trace = trace };
        Judge = new Judge(this);
        var isPerNode = history.Shape.Kind == ServerKind.PerNode;
        Servers = [.. Enumerable.Range(1, isPerNode ? 2 : 1).Select(number => new SimulatedServer(this, new Node($"server{number}", 1, isPerNode ? NodeRole.Peer : NodeRole.Primary), history.Shape.Kind))];
        Instance = NewInstance([.. Servers.Select(server => server.Node)]);
        Store = new SimulatedStore(this, Instance);
        RefusedLogins = new RefusedLoginCounters(Store);
        foreach (var (index, user) in Users.Index())
        {
            Begin(user, new Guid(index + 10, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));
        }

        Store.Wrote(isSynced: true);
        _nodes = [.. Enumerable.Range(0, history.Shape.Nodes).Select(NewNode)];
    }

    public Timeline Time { get; }

    public Judge Judge { get; }

    public Coverage Coverage { get; }

    public Mutation Broken { get; }

    public SimulatedStore Store { get; }

    public RefusedLoginCounters RefusedLogins { get; }

    public Instance Instance { get; }

    public IReadOnlyList<SimulatedServer> Servers { get; }

    public IReadOnlyList<KeyturnNode> Nodes => _nodes;

    public ServerKind Kind => _history.Shape.Kind;

    public bool HidesVerifiers => _history.Shape.HidesVerifiers;

    /// <summary>Whether several processes share the store, over a network: then a write's end may be unknown.</summary>
    public bool IsShared => _history.Shape.Nodes > 1;

    public IEnumerable<string> Users => [.. Enumerable.Range(1, _history.Shape.Accounts).Select(number => $"app{number}"), AdminName];

    public static Caller Caller { get; } = new(new Guid("00000000-0000-0000-0000-000000000003"), "caller", ProjectId, "local", "-");

    public SimulatedServer ServerAt(Node node) => Servers.First(server => server.Node.Address == node.Address);

    public void Kill(int index, TimeSpan downFor)
    {
        var node = _nodes[index];
        if (node.IsDead)
        {
            return;
        }

        Coverage.CountCrash(node.Last.Point, node.Last.Stage);
        Time.Say(node.Name, $"is killed at {node.Last}");
        node.Die();
        foreach (var server in Servers)
        {
            Time.After(Time.Latency(), () => server.DesertAll(node));
        }

        Time.After(downFor, () => Revive(index, node));
    }

    /// <summary>Starts what is dead; a single process finds all of its store's leases to be those of the dead.</summary>
    public void Revive(int index, KeyturnNode dead)
    {
        if (_nodes[index] != dead)
        {
            return;
        }

        if (!IsShared)
        {
            Store.Visible.ExpireLeases(Store.Now);
            Store.Wrote(isSynced: true);
        }

        _nodes[index] = NewNode(index);
    }

    private KeyturnNode NewNode(int index)
    {
        var node = new KeyturnNode(this, index, TimeSpan.FromSeconds(_history.Shape.ClockSkewSeconds * index));
        Time.Say(node.Name, "starts");
        node.Start();
        return node;
    }

    private void Begin(string user, Guid accountId)
    {
        foreach (var server in Servers)
        {
            server.Begin(user, $"first-{user}");
        }

        if (user == AdminName || _history.Shape.IsAdopted)
        {
            Store.Visible.Adopt(new Account(accountId, InstanceId, new AccountName(user), ProofMode.Login, Timeline.Start), new Secret($"first-{user}"), new VersionsSeen(0, null), Timeline.Start);
        }
    }

    private static Instance NewInstance(IReadOnlyList<Node> nodes) => new()
    {
        Id = InstanceId,
        ProjectId = ProjectId,
        Name = "simulated",
        Engine = SimulatedEngine.EngineName,
        Nodes = nodes,
        Tls = new TlsSettings(),
        Admin = new AccountName(AdminName),
        // Guessing how strong a password is takes longer than the whole history, and so does drawing each character of it alone.
        PasswordPolicy = new PasswordPolicy { RefuseWeak = false, MinClasses = 0, GeneratedAlphabet = "abcdefghijklmnop", GeneratedLength = 16 },
        ServerIdentity = "simulated",
        ServerVersion = "1",
        CreatedAt = Timeline.Start,
    };
}
