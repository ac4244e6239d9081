namespace Keyturn.Instances;

/// <summary>What a node is to the others of its instance.</summary>
public enum NodeRole
{
    /// <summary>Takes writes.</summary>
    Primary,

    /// <summary>Follows a primary.</summary>
    Replica,

    /// <summary>Equal to the others; accounts live on each of them.</summary>
    Peer,
}

/// <summary>One address of an instance.</summary>
/// <param name="Host">Name or address. An absolute path means a local socket.</param>
/// <param name="Port">TCP port, 1 to 65535.</param>
/// <param name="Role">What the node is to the others.</param>
public sealed record Node(string Host, int Port, NodeRole Role = NodeRole.Primary)
{
    /// <summary><c>host:port</c>, with IPv6 addresses in brackets.</summary>
    public string Address => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <inheritdoc/>
    public override string ToString() => Address;
}
