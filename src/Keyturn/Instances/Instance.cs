using Keyturn.Engines;
using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>What a password travels as, when it is set on a server.</summary>
public enum SendMode
{
    /// <summary>As the hash that the server would have computed: the clear text never reaches the server's logs. The default. MongoDB knows no such thing.</summary>
    Verifier,

    /// <summary>As clear text, for servers whose own password policy must see it. Only over verified TLS or a local socket.</summary>
    Clear,
}

/// <summary>Whether an instance may be worked on, as its operator says. While it is not <see cref="Active"/>, no password of it is changed.</summary>
public enum InstanceStatus
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Kept, but its accounts may be neither checked nor changed.</summary>
    Frozen,

    /// <summary>Known to be broken: its accounts may be neither checked nor changed.</summary>
    Abnormal,

    /// <summary>Not ready yet.</summary>
    Creating,

    /// <summary>Its size, version, port or place is being changed.</summary>
    Modifying,

    /// <summary>Being restarted.</summary>
    Restarting,

    /// <summary>Being restored from a backup.</summary>
    Restoring,

    /// <summary>Its disk is full.</summary>
    StorageFull,
}

/// <summary>One managed database service, as it was registered.</summary>
public sealed record Instance
{
    /// <summary>Statement limit of an instance that names none.</summary>
    public static readonly TimeSpan DefaultStatementLimit = TimeSpan.FromSeconds(3);

    /// <summary>Made by Keyturn; dialects render it in their own form.</summary>
    public required Guid Id { get; init; }

    /// <summary>The tenant that owns it.</summary>
    public required Guid ProjectId { get; init; }

    /// <summary>Unique within the project.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the engine in the catalogue: <c>postgresql</c>, <c>mysql</c>, <c>mariadb</c>, <c>redis</c>, <c>valkey</c>, <c>mongodb</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>At least one; see <see cref="NodesToChange"/>.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>How to connect.</summary>
    public required TlsSettings Tls { get; init; }

    /// <summary>The login Keyturn administers the instance with; its password is read from its versions, like any other.</summary>
    public required AccountName Admin { get; init; }

    /// <summary>
    /// Whether a new password of <paramref name="account"/> is, or may be, one of <see cref="Admin"/>. Which row of a user a server logs Keyturn in as is
    /// the server's choice, and can be another one tomorrow: all of them are taken for it; and so are namesakes in other databases of MongoDB's, since some servers of its
    /// protocol (FerretDB 2) know one name space only.
    /// </summary>
    public bool IsAdmin(AccountName account) => account.User == Admin.User;

    /// <summary>The account that a call means which names none (GaussDB root, Upstash default).</summary>
    public AccountName? MainAccount { get; init; }

    /// <summary>What travels when a password is set.</summary>
    public SendMode Send { get; init; }

    /// <summary>What its operator says of it. That it cannot be reached is no status: a request tries, and says what it met.</summary>
    public InstanceStatus Status { get; init; }

    /// <summary>What generated and given passwords must be.</summary>
    public PasswordPolicy PasswordPolicy { get; init; } = PasswordPolicy.Default;

    /// <summary>The server-side limit asked for each change; a courtesy to the server, never a proof.</summary>
    public TimeSpan StatementLimit { get; init; } = DefaultStatementLimit;

    /// <summary>How long Keyturn waits for the answer to one statement, before it calls it unknown: the server's limit, and two seconds for the way.</summary>
    public TimeSpan AnswerLimit => StatementLimit + TimeSpan.FromSeconds(2);

    /// <summary>Free labels.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>What dialects show beside; see <see cref="InstanceAttribute"/>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>The server's own identity (PostgreSQL system_identifier, MySQL server_uuid, …), registered once per store.</summary>
    public required string ServerIdentity { get; init; }

    /// <summary>Version text of the server when it was last inspected.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>The numbers at the start of <see cref="ServerVersion"/>: <c>10.11.19</c> of <c>10.11.19-MariaDB</c>.</summary>
    public string ServerVersionNumber => new([.. ServerVersion.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);

    /// <summary>True for a restored copy, which may carry the identity of another instance.</summary>
    public bool IsClone { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Counts changes of the registration, so that warm sessions made under an older one are not used again.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>
    /// Addresses of nodes that were added and have not all of the held accounts' passwords yet, where accounts live on each node. Resets go to them like to
    /// the others; what they show of passwords counts only once they have them.
    /// </summary>
    public IReadOnlyList<string> Joining { get; init; } = [];

    /// <summary>Whether the node is one of those.</summary>
    public bool IsJoining(Node node) => Joining.Contains(node.Address);

    /// <summary>The node that takes account statements where one change serves all nodes.</summary>
    public Node Primary => Nodes.FirstOrDefault(node => node.Role == NodeRole.Primary) ?? Nodes[0];

    /// <summary>Whether accounts live on each node: on such an engine, or where nodes were registered as peers (the heads of a middleware).</summary>
    public bool IsPerNode(EngineTraits traits) => traits.HasFlag(EngineTraits.ChangeIsPerNode) || Nodes.Any(node => node.Role == NodeRole.Peer);

    /// <summary>The nodes that a change of an account goes to. Replicas of peers follow them; those of Redis have accounts of their own.</summary>
    public IReadOnlyList<Node> NodesToChange(EngineTraits traits) =>
        traits.HasFlag(EngineTraits.ChangeIsPerNode) ? Nodes
        : IsPerNode(traits) ? [.. Nodes.Where(node => node.Role != NodeRole.Replica)]
        : [Primary];

    /// <summary>Whether any of several nodes may be the one that takes writes, so that it has to be looked for.</summary>
    public bool PrimaryMoves(EngineTraits traits) => traits.HasFlag(EngineTraits.PrimaryMoves) && !IsPerNode(traits) && Nodes.Count > 1;

    /// <summary>The failure, saying at which node it was where there are several.</summary>
    internal Failure At(Node node, Failure failure) =>
        Nodes.Count > 1 && !failure.NamesNodes && !failure.Detail.StartsWith($"{node}: ", StringComparison.Ordinal) ? failure with { Detail = $"{node}: {failure.Detail}", NamesNodes = true } : failure;
}
