using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>The nodes and the story of a reset, by the reset's number in the store.</summary>
internal static class ResetParts
{
    public static List<NodeProgress> Nodes(SqliteSession session, long reset) => session.Query(
        """
        SELECT host, port, role, session_id, session_start, step, proof, error, detail, not_persisted
        FROM reset_nodes WHERE reset = $reset ORDER BY position
        """,
        ReadNode,
        ("$reset", reset));

    public static List<ResetEvent> Events(SqliteSession session, long reset) => session.Query(
        "SELECT time, phase, node, text FROM reset_events WHERE reset = $reset ORDER BY position",
        row => new ResetEvent(row.Time(0), row.GetString(1), row.OptionalText(2), row.GetString(3)),
        ("$reset", reset));

    public static void ReplaceNodes(SqliteSession session, long reset, IReadOnlyList<NodeProgress> nodes)
    {
        session.Execute("DELETE FROM reset_nodes WHERE reset = $reset", ("$reset", reset));
        AddNodes(session, reset, nodes);
    }

    public static void AddNodes(SqliteSession session, long reset, IReadOnlyList<NodeProgress> nodes)
    {
        for (var position = 0; position < nodes.Count; position++)
        {
            AddNode(session, reset, position, nodes[position]);
        }
    }

    public static void AddEvents(SqliteSession session, long reset, IReadOnlyList<ResetEvent> events)
    {
        var position = session.FirstNumber("SELECT max(position) FROM reset_events WHERE reset = $reset", ("$reset", reset)) ?? -1;
        foreach (var line in events)
        {
            session.Execute(
                "INSERT INTO reset_events (reset, position, time, phase, node, text) VALUES ($reset, $position, $time, $phase, $node, $text)",
                ("$reset", reset), ("$position", ++position), ("$time", line.Time), ("$phase", line.Phase), ("$node", line.Node), ("$text", line.Text));
        }
    }

    private static void AddNode(SqliteSession session, long reset, int position, NodeProgress progress) => session.Execute(
        """
        INSERT INTO reset_nodes (reset, position, host, port, role, session_id, session_start, step, proof, error, detail, not_persisted)
        VALUES ($reset, $position, $host, $port, $role, $sessionId, $sessionStart, $step, $proof, $error, $detail, $notPersisted)
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
        ("$notPersisted", progress.NotPersisted));

    private static NodeProgress ReadNode(SqliteDataReader row) => new(
        new Node(row.GetString(0), row.GetInt32(1), row.Member<NodeRole>(2)),
        new ServerSession(row.GetString(3), row.GetString(4)),
        row.Member<NodeStep>(5),
        row.OptionalMember<ProofMode>(6),
        row.OptionalMember<EngineError>(7) is { } error ? new Failure(error, row.GetString(8)) : null,
        row.Flag(9));
}
