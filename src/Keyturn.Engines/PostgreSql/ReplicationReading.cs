using Keyturn.Instances;

namespace Keyturn.Engines.PostgreSql;

/// <summary>
/// What a server tells of those it replicates with. A standby knows the address that it receives from; a primary knows from which machines standbys
/// came, and not the ports that they listen at. Both show it to members of <c>pg_read_all_stats</c> only.
/// </summary>
internal static class ReplicationReading
{
    // Two servers of one cluster have the same system identifier; that both started in the same microsecond, at the same port, is not to be feared.
    private const string Self = """
        SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text || ' ' || current_setting('port') || ' ' || current_setting('server_version'),
            pg_is_in_recovery(), pg_has_role('pg_read_all_stats', 'USAGE')
        """;

    private const string Sender = "SELECT sender_host, sender_port FROM pg_stat_wal_receiver WHERE sender_host IS NOT NULL AND sender_port IS NOT NULL";
    private const string Receivers = "SELECT DISTINCT host(client_addr), application_name FROM pg_stat_replication WHERE client_addr IS NOT NULL ORDER BY 1, 2";

    public static async Task<NodesTold> ReadAsync(AdminConnection connection, Node node, string admin, CancellationToken cancel)
    {
        var self = await connection.ReadAsync(Self, [], row => (Server: row.GetString(0), IsStandby: row.GetBoolean(1), IsShown: row.GetBoolean(2)), cancel);
        var senders = await connection.ReadAsync(Sender, [], row => new Node(row.GetString(0), row.GetInt32(1)), cancel);
        var receivers = await connection.ReadAsync(Receivers, [], row => new NodeHint($"{node} sends its changes to {row.GetString(0)} ({row.GetString(1)}), whose port it does not know.", row.GetString(0)), cancel);
        return new NodesTold(self[0].Server, self[0].IsStandby ? NodeRole.Replica : NodeRole.Primary, [.. senders.Where(sender => !Path.IsPathRooted(sender.Host))])
        {
            Hints = self[0].IsShown
                ? receivers
                : [new NodeHint($"{node} would not say with whom it replicates. Missing: GRANT pg_read_all_stats TO {SqlQuoting.Identifier(admin)};")],
        };
    }
}
