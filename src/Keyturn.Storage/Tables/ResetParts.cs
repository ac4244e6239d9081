using System.Data.Common;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Storage.Tables;

/// <summary>The nodes and the story of a reset, by the reset's number in the store.</summary>
internal static class ResetParts
{
    public static ValueTask<List<NodeProgress>> NodesAsync(StoreSession session, long reset) => session.QueryAsync(
        """
        SELECT host, port, role, session_id, session_start, step, proof, error, detail, not_persisted, proved_by
        FROM reset_nodes WHERE reset = $reset ORDER BY position
        """,
        ReadNode,
        ("$reset", reset));

    public static ValueTask<List<ResetEvent>> EventsAsync(StoreSession session, long reset) => session.QueryAsync(
        "SELECT time, phase, node, text FROM reset_events WHERE reset = $reset ORDER BY position",
        row => new ResetEvent(row.Time(0), row.GetString(1), row.OptionalText(2), row.GetString(3)),
        ("$reset", reset));

    public static async ValueTask ReplaceNodesAsync(StoreSession session, long reset, IReadOnlyList<NodeProgress> nodes)
    {
        await session.RunAsync("DELETE FROM reset_nodes WHERE reset = $reset", ("$reset", reset));
        await AddNodesAsync(session, reset, nodes);
    }

    public static async ValueTask AddNodesAsync(StoreSession session, long reset, IReadOnlyList<NodeProgress> nodes)
    {
        for (var position = 0; position < nodes.Count; position++)
        {
            await AddNodeAsync(session, reset, position, nodes[position]);
        }
    }

    public static async ValueTask AddEventsAsync(StoreSession session, long reset, IReadOnlyList<ResetEvent> events)
    {
        foreach (var line in events)
        {
            await session.RunAsync(
                """
                INSERT INTO reset_events (reset, position, time, phase, node, text)
                SELECT $reset, coalesce(max(position), -1) + 1, $time, $phase, $node, $text FROM reset_events WHERE reset = $reset
                """,
                ("$reset", reset), ("$time", line.Time), ("$phase", line.Phase), ("$node", line.Node), ("$text", line.Text));
        }
    }

    private static ValueTask AddNodeAsync(StoreSession session, long reset, int position, NodeProgress progress) => session.RunAsync(
        """
        INSERT INTO reset_nodes (reset, position, host, port, role, session_id, session_start, step, proof, error, detail, not_persisted, proved_by)
        VALUES ($reset, $position, $host, $port, $role, $sessionId, $sessionStart, $step, $proof, $error, $detail, $notPersisted, $provedBy)
        """,
        ("$reset", reset),
        ("$position", position),
        ("$host", progress.Node.Host),
        ("$port", progress.Node.Port),
        ("$role", progress.Node.Role),
        ("$sessionId", progress.Session.Id),
        ("$sessionStart", progress.Session.Start),
        ("$step", progress.Step),
        ("$proof", progress.Proof),
        ("$error", progress.Failure?.Error),
        ("$detail", progress.Failure?.Detail),
        ("$notPersisted", progress.NotPersisted),
        ("$provedBy", progress.ProvedBy));

    private static NodeProgress ReadNode(DbDataReader row) => new(
        new Node(row.GetString(0), row.GetInt32(1), row.Member<NodeRole>(2)),
        new ServerSession(row.GetString(3), row.GetString(4)),
        row.Member<NodeStep>(5),
        row.OptionalMember<ProofMode>(6),
        row.OptionalMember<EngineError>(7) is { } error ? new Failure(error, row.GetString(8)) : null,
        row.Flag(9))
    {
        ProvedBy = row.OptionalText(10),
    };
}
