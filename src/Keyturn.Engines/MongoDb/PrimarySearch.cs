using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>A server that was greeted, with a login that is begun and not finished.</summary>
internal sealed record GreetedServer(MongoDbConnection Connection, MongoDbLogin Login, Hello Hello, Node Node)
{
    /// <summary>The server's own name for its address where it has one: the same whichever way we came.</summary>
    public string Address => Hello.Me ?? Node.Address;
}

/// <summary>Finds the server that takes writes: a seed itself, or the primary that it names.</summary>
/// <remarks>
/// Accounts are data of a replica set like any other: only the primary changes them, and a secondary may know older ones. The address that a
/// member names is dialled with the instance's TLS settings, and must show a certificate for it.
/// </remarks>
internal sealed class PrimarySearch(Target target, MongoDbCredential credential, TimeProvider clock)
{
    private const int DefaultPort = 27017;

    /// <summary>
    /// The primary. Without one, the first seed that answers, which then says so itself; or why none answers. A seed that is registered as a
    /// replica is not left for its primary.
    /// </summary>
    public async ValueTask<Answer<GreetedServer>> RunAsync(CancellationToken cancel)
    {
        GreetedServer? other = null;
        Failure? failure = null;
        IReadOnlyList<Node> seeds = target.Node.Role == NodeRole.Replica ? [target.Node] : [target.Node, .. target.Seeds.Where(seed => seed.Address != target.Node.Address)];
        foreach (var seed in seeds)
        {
            using var share = new Deadline(clock, target.ConnectLimit / seeds.Count, cancel);
            var greeted = await GreetAsync(seed, share.Token);
            var found = greeted.Value is { } server ? await FollowAsync(server, share.Token) : null;
            if (found is { Hello.IsWritable: true })
            {
                await CloseAsync(other);
                return Answer.Of(found);
            }

            failure ??= greeted.Failure;
            (other, var spare) = other is null ? (found, null) : (other, found);
            await CloseAsync(spare);
        }

        return other is not null ? Answer.Of(other) : failure!;
    }

    /// <summary>The server at that address and no other.</summary>
    public async ValueTask<Answer<GreetedServer>> GreetAsync(Node node, CancellationToken cancel)
    {
        var tls = WireTlsSettings.Read(target.Tls);
        if (tls.Value is not { } options)
        {
            return tls.Failure!;
        }

        MongoDbConnection? connection = null;
        try
        {
            connection = await MongoDbConnection.ConnectAsync(node.Host, node.Port, options, cancel);
            var login = new MongoDbLogin(connection, credential);
            return Answer.Of(new GreetedServer(connection, login, await login.GreetAsync(cancel), node));
        }
        catch (WireException error)
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            return error.ToFailure();
        }
    }

    /// <summary><c>host:port</c> as servers write it.</summary>
    public static Node? ParseAddress(string address) => HostAndPort.TryParse(address, DefaultPort, out var host, out var port) ? new Node(host, port) : null;

    /// <summary>The primary that <paramref name="server"/> names, if it is there and agrees; else the server itself.</summary>
    private async ValueTask<GreetedServer> FollowAsync(GreetedServer server, CancellationToken cancel)
    {
        if (server.Hello.IsWritable || target.Node.Role == NodeRole.Replica || server.Hello.Primary is not { } address || ParseAddress(address) is not { } node)
        {
            return server;
        }

        var primary = (await GreetAsync(node, cancel)).Value;
        var (chosen, left) = primary is { Hello.IsWritable: true } ? (primary, server) : (server, primary);
        await CloseAsync(left);
        return chosen;
    }

    private static ValueTask CloseAsync(GreetedServer? server) => server?.Connection.DisposeAsync() ?? ValueTask.CompletedTask;
}
