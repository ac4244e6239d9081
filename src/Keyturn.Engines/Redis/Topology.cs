using Keyturn.Instances;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Reads what a server tells of the others it works with.</summary>
internal static class Topology
{
    /// <summary>The commands that ask; their replies go to <see cref="Read"/>.</summary>
    public static IReadOnlyList<RespCommand> Questions(bool isCluster) => isCluster
        ? [new RespCommand("INFO", "replication"), new RespCommand("CLUSTER", "SHARDS")]
        : [new RespCommand("INFO", "replication")];

    /// <summary>The server's role and the addresses that it names.</summary>
    /// <param name="server">The run_id of the server.</param>
    /// <param name="admin">Who asked.</param>
    /// <param name="replies">To <see cref="Questions"/>.</param>
    /// <param name="tls">Which of a cluster node's two ports is ours. INFO has one: the one that replication itself goes by.</param>
    public static Answer<NodesTold> Read(string server, string admin, IReadOnlyList<RespValue> replies, bool tls)
    {
        if (replies.OfType<RespError>().FirstOrDefault() is { } error)
        {
            return error.ToFailure(admin);
        }

        if (replies is not [RespText text, ..])
        {
            return RedisErrors.Unexpected("INFO replication");
        }

        var info = new InfoText(text.Text);
        var role = info["role"] is "slave" or "replica" ? NodeRole.Replica : NodeRole.Primary;
        var told = OfReplication(info).Concat(replies.Skip(1).OfType<RespList>().SelectMany(shards => OfShards(shards, tls)));
        return Answer.Of(new NodesTold(server, role, [.. told.DistinctBy(node => node.Address)]));
    }

    /// <summary>A replica names its primary, and any server the replicas that are connected to it.</summary>
    private static IEnumerable<Node> OfReplication(InfoText info)
    {
        if (info["master_host"] is { Length: > 0 } host && Port(info["master_port"]) is { } port)
        {
            yield return new Node(host, port);
        }

        for (var number = 0; info[$"slave{number}"] is { } line; number++)
        {
            // ip=10.0.0.7,port=6379,state=online,offset=…,lag=…: an IPv6 address has no comma either.
            var fields = line.Split(',').Select(field => field.Split('=', 2)).Where(field => field.Length == 2).ToLookup(field => field[0], field => field[1]);
            if (fields["ip"].FirstOrDefault() is { Length: > 0 } ip && Port(fields["port"].FirstOrDefault()) is { } replicaPort)
            {
                yield return new Node(ip, replicaPort, NodeRole.Replica);
            }
        }
    }

    /// <summary>All nodes of a cluster, the server itself among them; those that the cluster has given up too, for they may come back with what they had.</summary>
    private static IEnumerable<Node> OfShards(RespList shards, bool tls)
    {
        foreach (var node in shards.Items.OfType<RespList>().Select(shard => shard.Find("nodes")).OfType<RespList>().SelectMany(nodes => nodes.Items).OfType<RespList>())
        {
            // The endpoint is what the operator wants clients to use; without one they go by the address.
            var host = node.Find("endpoint") is RespText { Text: { Length: > 0 } endpoint and not "?" } ? endpoint : (node.Find("ip") as RespText)?.Text;
            if (host is { Length: > 0 } && node.Find(tls ? "tls-port" : "port") is RespInteger { Value: > 0 and <= 65535 and var port })
            {
                yield return new Node(host, (int)port, node.Find("role") is RespText { Text: "master" } ? NodeRole.Primary : NodeRole.Replica);
            }
        }
    }

    private static int? Port(string? text) => int.TryParse(text, out var port) && port is > 0 and <= 65535 ? port : null;
}
