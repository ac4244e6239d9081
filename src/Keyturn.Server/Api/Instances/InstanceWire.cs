using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Api.Instances;

/// <summary>One address.</summary>
internal sealed record NodeWire(string? Host, int Port, NodeRole Role = NodeRole.Primary);

/// <summary>How to connect. The client key is taken and never shown.</summary>
internal sealed record TlsWire
{
    public TlsMode Mode { get; init; }

    public string? Ca { get; init; }

    public string? ServerName { get; init; }

    public string? ClientCertificate { get; init; }

    public Secret? ClientKey { get; init; }
}

/// <summary>A login's name, and in requests its present password.</summary>
internal sealed record LoginWire(string? User, string? Host, string? AuthDatabase, Secret? Password);

/// <summary>A password policy; absent members keep their defaults (which the JSON source generator would lose, were they <c>init</c>).</summary>
internal sealed record PolicyWire
{
    public int MinLength { get; set; } = PasswordPolicy.Default.MinLength;

    public int MaxLength { get; set; } = PasswordPolicy.Default.MaxLength;

    public int MinClasses { get; set; } = PasswordPolicy.Default.MinClasses;

    public string Specials { get; set; } = PasswordPolicy.Default.Specials;

    public bool OnlyAllowedSpecials { get; set; } = PasswordPolicy.Default.OnlyAllowedSpecials;

    public bool RefuseName { get; set; } = PasswordPolicy.Default.RefuseName;

    public bool RefuseWeak { get; set; } = PasswordPolicy.Default.RefuseWeak;

    public int GeneratedLength { get; set; } = PasswordPolicy.Default.GeneratedLength;
}

/// <summary>An instance as a caller describes it. Registering changes nothing on the server.</summary>
internal sealed record InstanceBody
{
    public string? Name { get; init; }

    public string? Engine { get; init; }

    public IReadOnlyList<NodeWire?>? Nodes { get; init; }

    public TlsWire? Tls { get; init; }

    public LoginWire? Admin { get; init; }

    public string? MainAccount { get; init; }

    public SendMode? Send { get; init; }

    public InstanceStatus? Status { get; init; }

    public PolicyWire? PasswordPolicy { get; init; }

    public double? StatementLimitSeconds { get; init; }

    public IReadOnlyDictionary<string, string?>? Tags { get; init; }

    public IReadOnlyDictionary<string, string?>? Attributes { get; init; }

    public bool? IsClone { get; init; }

    /// <summary>On registering: take the nodes too that the given ones tell of.</summary>
    public bool? Discover { get; init; }
}

/// <summary>An instance as it is registered.</summary>
internal sealed record InstanceAnswer
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required string Engine { get; init; }

    public required IReadOnlyList<NodeWire> Nodes { get; init; }

    public required TlsWire Tls { get; init; }

    public required LoginWire Admin { get; init; }

    public string? MainAccount { get; init; }

    public required SendMode Send { get; init; }

    public required InstanceStatus Status { get; init; }

    public required PolicyWire PasswordPolicy { get; init; }

    public required double StatementLimitSeconds { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    public required string ServerVersion { get; init; }

    public required string ServerIdentity { get; init; }

    public required bool IsClone { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required int Revision { get; init; }

    /// <summary>Addresses of nodes that were added and have not all of the accounts' passwords yet.</summary>
    public IReadOnlyList<string>? Joining { get; init; }

    /// <summary>On registering and changing: what is not as it should be, and kept nobody from it.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>The rules that an instance like this would break.</summary>
internal sealed record InstanceCheckAnswer(IReadOnlyList<Violation> Violations);

/// <summary>The project's instances, by name.</summary>
internal sealed record InstancesAnswer(IReadOnlyList<InstanceAnswer> Instances);

/// <summary>What each node shows of itself now.</summary>
internal sealed record InspectAnswer(IReadOnlyList<NodeInspectionWire> Nodes)
{
    /// <summary>What keeps nodes from joining.</summary>
    public IReadOnlyList<string>? JoinProblems { get; init; }
}

/// <summary>What one node shows of itself.</summary>
internal sealed record NodeInspectionWire(string Address, bool Ok)
{
    /// <summary>Whether it was added and has not all of the accounts' passwords yet.</summary>
    public bool? Joining { get; init; }

    public string? Product { get; init; }

    public string? Version { get; init; }

    public string? Identity { get; init; }

    public bool? ReadOnly { get; init; }

    public bool? Pooler { get; init; }

    public string? Tls { get; init; }

    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>What the admin login lacks there, whichever account is meant.</summary>
    public IReadOnlyList<MissingGrantWire>? MissingGrants { get; init; }

    public FailureWire? Error { get; init; }
}

/// <summary>What the admin login lacks for something, and the statements that an administrator of the server would run.</summary>
internal sealed record MissingGrantWire(Capability Capability, IReadOnlyList<string> Statements)
{
    /// <summary>Absent where nothing is missing.</summary>
    public static IReadOnlyList<MissingGrantWire>? Of(IReadOnlyList<MissingRight> missing) =>
        missing.Count == 0 ? null : [.. missing.Select(right => new MissingGrantWire(right.Capability, right.Statements))];
}

/// <summary>A node that has been replaced, by its <c>host:port</c>.</summary>
internal sealed record RejoinBody(string? Address);

/// <summary>What the servers of an instance tell of its nodes.</summary>
internal sealed record DiscoverAnswer(IReadOnlyList<FoundNodeWire> Nodes, IReadOnlyList<string> Hints)
{
    public static DiscoverAnswer Of(Discovered discovered) => new([.. discovered.Nodes.Select(FoundNodeWire.Of)], discovered.Hints);
}

/// <summary>One node that is registered or was told of. Usable: it takes the instance's admin login.</summary>
internal sealed record FoundNodeWire(string Address, NodeRole Role, bool Registered, bool Usable, IReadOnlyList<string> ToldBy)
{
    public FailureWire? Error { get; init; }

    public static FoundNodeWire Of(FoundNode found) =>
        new(found.Node.Address, found.Node.Role, found.IsRegistered, found.Failure is null, found.ToldBy) { Error = FailureWire.Of(found.Failure) };
}

/// <summary>A cause, the server's words, and what to do about it.</summary>
internal sealed record FailureWire(EngineError Cause, string Detail, string NextStep)
{
    public static FailureWire? Of(Failure? failure) => failure is null ? null : new(failure.Error, failure.Detail, failure.Error.NextStep());
}

/// <summary>How the admin login is to be rotated.</summary>
internal sealed record RotateAdminBody(bool Reveal = false);
