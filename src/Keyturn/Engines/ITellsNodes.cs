using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>For servers that know others of their instance: a primary its replicas, a replica its primary, a cluster's node all of them.</summary>
public interface ITellsNodes
{
    /// <summary>What this server says of itself and of the others. Changes nothing.</summary>
    ValueTask<Answer<NodesTold>> ReadNodesAsync(CancellationToken cancel);
}

/// <summary>What one server tells of the nodes of its instance.</summary>
/// <param name="Server">What tells this server from all others, whichever of its addresses it is reached by.</param>
/// <param name="Role">What it is itself.</param>
/// <param name="Others">The addresses it names, of others or of itself, as it would have others reach them.</param>
public sealed record NodesTold(string Server, NodeRole Role, IReadOnlyList<Node> Others)
{
    /// <summary>What else it says of others.</summary>
    public IReadOnlyList<NodeHint> Hints { get; init; } = [];
}

/// <summary>A node that is known, and not by an address that one could connect to; or why it is not.</summary>
/// <param name="Text">A sentence.</param>
/// <param name="Host">Where it is: nothing need be said of it once a replica is found there.</param>
public sealed record NodeHint(string Text, string? Host = null);
