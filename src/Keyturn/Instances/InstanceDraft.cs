using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>What a caller says of an instance, on registering or on changing it.</summary>
public sealed record InstanceDraft
{
    /// <summary>1 to 64 letters, digits, <c>.</c>, <c>_</c> or <c>-</c>, no UUID; unique within the project.</summary>
    public required string Name { get; init; }

    /// <summary>Name of an engine in the catalogue.</summary>
    public required string Engine { get; init; }

    /// <summary>1 to 64 nodes.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>How to connect.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>The admin login.</summary>
    public required AccountName Admin { get; init; }

    /// <summary>Its present password; null on a change that keeps the admin login.</summary>
    public Secret? AdminPassword { get; init; }

    /// <summary>The account that calls mean which name none.</summary>
    public AccountName? MainAccount { get; init; }

    /// <summary>What travels when a password is set.</summary>
    public SendMode Send { get; init; }

    /// <summary>Whether it may be worked on.</summary>
    public InstanceStatus Status { get; init; }

    /// <summary>What passwords must be.</summary>
    public PasswordPolicy PasswordPolicy { get; init; } = PasswordPolicy.Default;

    /// <summary>Server-side limit of each change, 0.1 to 30 s.</summary>
    public TimeSpan StatementLimit { get; init; } = Instance.DefaultStatementLimit;

    /// <summary>Free labels.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>What dialects show beside; see <see cref="InstanceAttribute"/>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>It is a restored copy, and may carry another instance's identity.</summary>
    public bool IsClone { get; init; }

    /// <summary>On registering: take the nodes too that the given ones tell of.</summary>
    public bool Discover { get; init; }
}
