using System.Globalization;
using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>
/// What a server tells of those it replicates with. A replica knows the address of its source; a source knows its replicas by what they report of
/// themselves (<c>report_host</c>), which is nothing unless it is set. To ask takes privileges that an admin login of accounts need not have.
/// </summary>
internal sealed class ReplicationReader(AdminConnection connection, ServerFlavor flavor, AdminGrants grants)
{
    public async ValueTask<Answer<NodesTold>> ReadAsync(string identity, Node node, CancellationToken cancel)
    {
        var sources = await connection.QueryAsync(flavor.SourcesStatement, QueryLimits.Few, cancel);
        var replicas = await connection.QueryAsync(flavor.ReplicasStatement, QueryLimits.Few, cancel);
        if ((sources.Failure ?? replicas.Failure) is { } failure)
        {
            return failure;
        }

        var followed = Nodes(sources.Value!, flavor.SourceHost, flavor.SourcePort, NodeRole.Primary);
        var following = Nodes(replicas.Value!, "Host", "Port", NodeRole.Replica);
        return Answer.Of(new NodesTold(identity, sources.Value!.Rows.Count > 0 ? NodeRole.Replica : NodeRole.Primary, [.. followed, .. following])
        {
            Hints = [.. Hints(node, sources.Value, replicas.Value!, following.Count)],
        });
    }

    private static List<Node> Nodes(QueryResult answer, string hostColumn, string portColumn, NodeRole role)
    {
        var nodes = new List<Node>();
        foreach (var row in answer.Rows)
        {
            if (row[hostColumn] is { Length: > 0 } host && int.TryParse(row[portColumn], CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
            {
                nodes.Add(new Node(host, port, role));
            }
        }

        return nodes;
    }

    private IEnumerable<NodeHint> Hints(Node node, QueryResult sources, QueryResult replicas, int named)
    {
        if (sources.Error is not null)
        {
            yield return new NodeHint($"{node} would not say whether it follows another server. Missing: {grants.Statement(flavor.SourcesPrivilege)}");
        }

        if (replicas.Error is not null)
        {
            yield return new NodeHint($"{node} would not say which replicas it has. Missing: {grants.Statement(flavor.ReplicasPrivilege)}");
        }

        if (replicas.Rows.Count > named)
        {
            yield return new NodeHint($"{node} has {replicas.Rows.Count - named} replicas that do not report their address (report_host).");
        }
    }
}
