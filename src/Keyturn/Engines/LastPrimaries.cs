using System.Collections.Concurrent;
using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>Which node of an instance took writes when it was last asked. A hint where to ask first; for a moment, the answer itself.</summary>
internal sealed class LastPrimaries(TimeProvider clock)
{
    /// <summary>Long enough for one request, short beside any failover.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Seen> _seen = new();

    private sealed record Seen(string Address, DateTimeOffset At);

    public void Remember(Instance instance, Node node) => _seen[instance.Id] = new Seen(node.Address, clock.GetUtcNow());

    public void Forget(Guid instanceId) => _seen.TryRemove(instanceId, out _);

    /// <summary>The node, if the instance still has it.</summary>
    public Node? Find(Instance instance, bool mustBeFresh) =>
        _seen.TryGetValue(instance.Id, out var seen) && (!mustBeFresh || clock.GetUtcNow() - seen.At < Fresh)
            ? instance.Nodes.FirstOrDefault(node => node.Address == seen.Address)
            : null;

    /// <summary>All nodes, the likeliest first: the last one, then the registered primary.</summary>
    public IEnumerable<Node> Order(Instance instance)
    {
        var last = Find(instance, mustBeFresh: false);
        return instance.Nodes.OrderBy(node => node == last ? 0 : node == instance.Primary ? 1 : 2);
    }
}
