using Keyturn.Engines;
using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>One node that is registered, or that servers of the instance tell of.</summary>
/// <param name="Node">Its address, and what it says it is; as it was told or registered where it could not be asked.</param>
/// <param name="IsRegistered">Whether the instance has it.</param>
/// <param name="ToldBy">Addresses of the servers that named it.</param>
/// <param name="Failure">Why it could not be asked with the instance's TLS settings and admin login.</param>
public sealed record FoundNode(Node Node, bool IsRegistered, IReadOnlyList<string> ToldBy, Failure? Failure = null);

/// <summary>What the servers of an instance tell of its nodes.</summary>
/// <param name="Nodes">Those that are registered first, each server once, by the first address that it was met at.</param>
/// <param name="Hints">Nodes that are known to be there, and not by which address; a sentence each.</param>
public sealed record Discovered(IReadOnlyList<FoundNode> Nodes, IReadOnlyList<string> Hints)
{
    /// <summary>Nodes that the registration lacks and that take the admin login.</summary>
    public IEnumerable<Node> New => Nodes.Where(found => found is { IsRegistered: false, Failure: null }).Select(found => found.Node);

    /// <summary>What the first node answered, where none let us in; that of one that refused the admin login before others.</summary>
    internal Failure? NoneAnswered => Nodes.All(found => found.Failure is not null) ? Nodes.OrderBy(found => found.Failure!.Error != EngineError.AdminLoginRefused).First().Failure : null;

    /// <summary>The registered nodes with what they say they are, and the new ones. Peers stay peers: that is the operator's word.</summary>
    public IReadOnlyList<Node> Taken => [.. Nodes.Where(found => found.IsRegistered).Select(found => found.Node), .. New];

    /// <summary>Each node's address, and why it could not be asked.</summary>
    public override string ToString() => string.Join("; ", Nodes.Select(found => found.Failure is { } failure ? $"{found.Node.Address} {failure.Error}" : found.Node.Address));
}

/// <summary>
/// Asks an instance's servers which others there are, and those in turn. Each address that is told is connected to with the instance's TLS settings
/// and logged in to as its admin: what does not take that login is shown and not taken.
/// </summary>
/// <remarks>
/// Whoever may replicate from a Redis has it tell any address of a replica, and its login sends the password itself. So where the certificate of who
/// answers is not verified, such addresses are asked only at the operator's word.
/// </remarks>
internal sealed class Discovery(IEngine engine, AdminTries tries, TimeProvider clock)
{
    private const int MostNodes = 64;

    private static readonly Failure NotAsked =
        new(EngineError.TlsUnavailable, "not asked: without verified TLS the admin login's password would go to whoever answers there");

    /// <summary>Starts from the registered nodes.</summary>
    /// <param name="instance">Whose servers.</param>
    /// <param name="adminPassword">Of its admin login.</param>
    /// <param name="trustTold">The operator wants what is told to be asked, whoever answers.</param>
    /// <param name="cancel">The caller hangs up.</param>
    public async ValueTask<Discovered> LookAsync(Instance instance, Secret adminPassword, bool trustTold, CancellationToken cancel)
    {
        var mayAsk = trustTold || !engine.Traits.HasFlag(EngineTraits.LoginSendsPassword) || instance.Tls.Mode is TlsMode.VerifyFull or TlsMode.VerifyCa;
        var search = new Search(instance, new Credential(instance.Admin, adminPassword), mayAsk);
        for (var wave = search.Next(); wave.Count > 0; wave = search.Next())
        {
            // Each wave at once: nodes that are away cost their time limits together.
            var asked = await Task.WhenAll(wave.Select(async node => (node, await tries.TryAsync(() => AskAsync(search.TargetOf(node), search.Admin, cancel), cancel))));
            foreach (var (node, answer) in asked)
            {
                search.Take(node, answer);
            }
        }

        return search.Result();
    }

    private async ValueTask<Answer<NodesTold>> AskAsync(Target target, Credential admin, CancellationToken cancel)
    {
        using var deadline = new Deadline(clock, target.ConnectLimit * 2, cancel);
        var connected = await engine.ConnectAsync(target, admin, deadline.Token);
        if (connected.Value is not { } session)
        {
            return connected.Failure!;
        }

        await using (session)
        {
            return session is ITellsNodes teller
                ? await teller.ReadNodesAsync(deadline.Token)
                : Answer.Of(new NodesTold(target.Node.Address, target.Node.Role, []));
        }
    }

    /// <summary>What was met so far. A server that is met again at another address is the same one.</summary>
    private sealed class Search(Instance instance, Credential admin, bool mayAskTold)
    {
        private readonly List<FoundNode> _found = [];
        private readonly Dictionary<string, string> _addressOfServer = new(StringComparer.Ordinal);
        private readonly Dictionary<string, HashSet<string>> _toldBy = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, string> _alias = new(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<NodeHint> _hints = [];
        private readonly HashSet<string> _met = new(StringComparer.OrdinalIgnoreCase);
        private List<Node> _next = [.. instance.Nodes];

        public Credential Admin => admin;

        public Target TargetOf(Node node) => Target.Of(instance, node) with { Seeds = [] };

        public List<Node> Next()
        {
            var wave = _next.Where(node => _met.Add(node.Address)).Take(MostNodes - _found.Count).ToList();
            _next = [];
            return wave;
        }

        public void Take(Node node, Answer<NodesTold> answer)
        {
            var isRegistered = instance.Nodes.Contains(node);
            if (answer.Value is not { } told)
            {
                _found.Add(new FoundNode(node, isRegistered, [], answer.Failure));
                return;
            }

            if (!_addressOfServer.TryAdd(told.Server, node.Address) && !isRegistered)
            {
                _alias[node.Address] = _addressOfServer[told.Server];
                return;
            }

            _found.Add(new FoundNode(node.Role == NodeRole.Peer ? node : node with { Role = told.Role }, isRegistered, []));
            _hints.UnionWith(told.Hints);
            foreach (var other in told.Others)
            {
                (_toldBy.TryGetValue(other.Address, out var tellers) ? tellers : _toldBy[other.Address] = []).Add(node.Address);
                Follow(other);
            }
        }

        private void Follow(Node told)
        {
            if (mayAskTold)
            {
                _next.Add(told);
            }
            else if (!instance.Nodes.Any(node => node.Address == told.Address) && _met.Add(told.Address))
            {
                _found.Add(new FoundNode(told, IsRegistered: false, [], NotAsked));
            }
        }

        public Discovered Result() => new(
            [.. _found.Select(found => found with { ToldBy = TellersOf(found.Node.Address) })],
            [.. _hints.Where(hint => !_found.Exists(found => found.Node.Role == NodeRole.Replica && found.Node.Host == hint.Host)).Select(hint => hint.Text)]);

        /// <summary>Under any of its addresses, and not by itself.</summary>
        private IReadOnlyList<string> TellersOf(string address) =>
        [
            .. _alias.Where(alias => alias.Value == address).Select(alias => alias.Key).Append(address)
                .SelectMany(name => _toldBy.GetValueOrDefault(name) ?? []).Where(teller => teller != address).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }
}
