using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Resets;

/// <summary>What one worker adds to a reset's story, and how far each node has come, until both are written by finish.</summary>
internal sealed class ResetStory(TimeProvider clock, IReadOnlyList<NodeProgress> nodes)
{
    private readonly List<ResetEvent> _events = [];
    private readonly List<NodeProgress> _nodes = [.. nodes];

    public IReadOnlyList<ResetEvent> Events => _events;

    public IReadOnlyList<NodeProgress> Nodes => _nodes;

    /// <summary>Whether the password before was found valid beside the new one, on a node at least: then it has to be discarded some day.</summary>
    public bool OldIsKept { get; set; }

    public void Add(string phase, string text, Node? node = null) => _events.Add(new ResetEvent(clock.GetUtcNow(), phase, node?.Address, text));

    /// <summary>The steps run again, on these sessions. The nodes may be others than before: a registration can change while a reset is open.</summary>
    public void BeginAgain(IReadOnlyList<NodeProgress> present)
    {
        _nodes.Clear();
        _nodes.AddRange(present);
    }

    public void Advance(Node node, NodeStep step, string phase, string text)
    {
        Update(node, progress => progress with { Step = step, Failure = null });
        Add(phase, text, node);
    }

    public void Fail(Node node, string phase, Failure failure)
    {
        Update(node, progress => progress with { Failure = failure });
        Add(phase, $"{failure.Error}: {failure.Detail}", node);
    }

    public void Update(Node node, Func<NodeProgress, NodeProgress> change)
    {
        var index = _nodes.FindIndex(progress => progress.Node == node);
        _nodes[index] = change(_nodes[index]);
    }
}
