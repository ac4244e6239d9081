using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>A cluster of a test's own: primaries that share the slots, and replicas of them in turn.</summary>
internal sealed class OwnCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private readonly List<(OwnRedis Server, int BusPort)> _nodes = [];

    private OwnCluster()
    {
    }

    public IReadOnlyList<OwnRedis> Nodes => [.. _nodes.Select(node => node.Server)];

    /// <summary>Starts the servers and waits until each knows all, and each replica follows its primary.</summary>
    /// <param name="model">Of which product.</param>
    /// <param name="primaries">How many primaries; three at least.</param>
    /// <param name="replicas">How many replicas.</param>
    /// <param name="password">Of the user default, by which replicas log in to their primaries too.</param>
    /// <param name="cancel">With the deadline.</param>
    /// <param name="settings">Further settings of each.</param>
    public static async Task<OwnCluster> StartAsync(LabServer model, int primaries, int replicas, string password, CancellationToken cancel, params string[] settings)
    {
        var cluster = new OwnCluster();
        try
        {
            for (var number = 0; number < primaries + replicas; number++)
            {
                await cluster.StartNodeAsync(model, password, settings, cancel);
            }

            await cluster.JoinAsync(primaries, password, cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, _) in _nodes)
        {
            await server.DisposeAsync();
        }
    }

    private async Task StartNodeAsync(LabServer model, string password, string[] settings, CancellationToken cancel)
    {
        // The bus is by default ten thousand ports above, where the system takes outgoing ones from.
        var busPort = OwnRedis.FreePort();
        var server = new OwnRedis(
            model,
            [
                $"requirepass {password}", $"masterauth {password}", "cluster-enabled yes", "cluster-node-timeout 2000", $"cluster-port {busPort}", "cluster-announce-ip 127.0.0.1",
                "repl-diskless-sync-delay 0", .. settings,
            ]);
        _nodes.Add((server, busPort));
        await server.StartAsync(cancel);
    }

    private async Task JoinAsync(int primaries, string password, CancellationToken cancel)
    {
        for (var number = 0; number < primaries; number++)
        {
            await RunAsync(number, password, cancel, "CLUSTER", "ADDSLOTSRANGE", $"{number * Slots / primaries}", $"{((number + 1) * Slots / primaries) - 1}");
        }

        for (var number = 1; number < _nodes.Count; number++)
        {
            await RunAsync(0, password, cancel, "CLUSTER", "MEET", "127.0.0.1", $"{_nodes[number].Server.Port}", $"{_nodes[number].BusPort}");
        }

        await UntilAsync(password, "CLUSTER INFO", $"cluster_known_nodes:{_nodes.Count}", 0, cancel);
        for (var number = primaries; number < _nodes.Count; number++)
        {
            var primary = ((RespText)await RunAsync(number % primaries, password, cancel, "CLUSTER", "MYID")).Text;
            await RunAsync(number, password, cancel, "CLUSTER", "REPLICATE", primary);
        }

        // Who follows whom goes round by gossip.
        await UntilAsync(password, "CLUSTER NODES", nodes => nodes.Split('\n').Count(line => line.Contains("slave ", StringComparison.Ordinal)) == _nodes.Count - primaries, 0, cancel);
        await UntilAsync(password, "CLUSTER INFO", "cluster_state:ok", 0, cancel);
        await UntilAsync(password, "INFO replication", "master_link_status:up", primaries, cancel);
    }

    private Task UntilAsync(string password, string command, string line, int first, CancellationToken cancel) =>
        UntilAsync(password, command, text => text.Contains(line, StringComparison.Ordinal), first, cancel);

    private async Task UntilAsync(string password, string command, Func<string, bool> isSo, int first, CancellationToken cancel)
    {
        for (var number = first; number < _nodes.Count; number++)
        {
            while (!isSo(((RespText)await RunAsync(number, password, cancel, command.Split(' '))).Text))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
        }
    }

    private async Task<RespValue> RunAsync(int number, string password, CancellationToken cancel, params string[] words)
    {
        await using var client = await RedisClient.ConnectAsync("127.0.0.1", _nodes[number].Server.Port, new WireTls(WireTlsMode.Disable), cancel);
        await client.ExecuteAsync(new RespCommand("AUTH", password), cancel);
        var reply = await client.ExecuteAsync(new RespCommand(words), cancel);
        reply.ShouldNotBeOfType<RespError>($"{string.Join(' ', words)} at node {number}");
        return reply;
    }
}
