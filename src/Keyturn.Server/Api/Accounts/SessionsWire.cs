using Keyturn.Engines;
using Keyturn.Sessions;

namespace Keyturn.Server.Api.Accounts;

/// <summary>The sessions of an account, by the password that they were opened with.</summary>
/// <param name="ResetId">The reset that made the present password.</param>
/// <param name="IsComplete">Whether every node has told; otherwise there may be more.</param>
/// <param name="Nodes">Node by node.</param>
internal sealed record SessionsAnswer(Guid ResetId, bool IsComplete, IReadOnlyList<NodeSessionsWire> Nodes)
{
    public static SessionsAnswer Of(SessionsOutcome outcome) =>
        new(outcome.Reset!.Id, outcome.Nodes.All(node => node.Failure is null), [.. outcome.Nodes.Select(NodeSessionsWire.Of)]);
}

/// <summary>The sessions at one node. Counts are absent where the server cannot tell.</summary>
internal sealed record NodeSessionsWire(string Address)
{
    /// <summary>Opened before the present password was set.</summary>
    public int? Old { get; init; }

    /// <summary>Opened while it was being set, or while an old one was valid beside it.</summary>
    public int? Unclear { get; init; }

    /// <summary>Opened since.</summary>
    public int? New { get; init; }

    /// <summary>So many of the old ones this request has ended.</summary>
    public int? Ended { get; init; }

    public EngineError? Cause { get; init; }

    public string? Detail { get; init; }

    public string? NextStep { get; init; }

    public static NodeSessionsWire Of(NodeSessions node)
    {
        var isTold = node.Failure is null || node.Old > 0;
        return new(node.Node.Address)
        {
            Old = isTold ? node.Old : null,
            Unclear = isTold ? node.Unclear : null,
            New = isTold ? node.New : null,
            Ended = node.Ended > 0 ? node.Ended : null,
            Cause = node.Failure?.Error,
            Detail = node.Failure?.Detail,
            NextStep = node.Failure?.Error.NextStep(),
        };
    }
}
