using System.Data;
using System.Net;
using System.Net.Sockets;
using Keyturn.Engines.Tls;
using Keyturn.Wire;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>One connection of the driver: not pooled, never used again once the end of a statement on it is unknown.</summary>
/// <remarks>
/// A cancelled token ends our waiting at once. The driver cannot leave a statement without asking the server to cancel it, on a connection of
/// its own and in blocking calls; that happens behind the caller's back, as a courtesy to the server.
/// </remarks>
internal sealed class AdminConnection : IAsyncDisposable
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _abandoned = new();

    private AdminConnection(NpgsqlDataSource dataSource, NpgsqlConnection connection) => (_dataSource, _connection) = (dataSource, connection);

    /// <summary>False once it is broken, or a statement on it was left alone.</summary>
    public bool IsUsable => !_abandoned.IsCancellationRequested && _connection.FullState.HasFlag(ConnectionState.Open);

    /// <summary>Connects and logs in.</summary>
    public static async ValueTask<Answer<AdminConnection>> OpenAsync(Target target, Credential admin, CancellationToken cancel)
    {
        var tls = WireTlsSettings.Read(target.Tls);
        if (tls.Failure is { } unreadable)
        {
            return unreadable;
        }

        try
        {
            Answer<AdminConnection> opened = default;
            var hosts = await ReachAsync(target.Node.Host, cancel);
            for (var i = 0; i < hosts.Count; i++)
            {
                // The last may take what is left; one before it that does not answer must not take it all.
                using var share = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                share.CancelAfter(i == hosts.Count - 1 ? Timeout.InfiniteTimeSpan : target.ConnectLimit / hosts.Count);
                opened = await OpenAsync(target, hosts[i], admin, tls.Value!, share.Token);
                if (cancel.IsCancellationRequested || opened.Failure?.Error is not (EngineError.Unreachable or EngineError.TimedOut))
                {
                    return opened;
                }
            }

            return opened;
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            return PostgreSqlFailures.OfConnecting(error, target);
        }
    }

    /// <summary>The addresses of the host, or its local socket. The driver is given what was looked at: by a name it could come to another address.</summary>
    private static async ValueTask<IReadOnlyList<string>> ReachAsync(string host, CancellationToken cancel)
    {
        if (Path.IsPathRooted(host))
        {
            return [host];
        }

        var addresses = await Dns.GetHostAddressesAsync(host, cancel);
        var spoken = addresses.Where(address => !PeerAddress.IsRefused(address)).Select(address => address.ToString()).ToList();
        if (spoken.Count == 0)
        {
            PeerAddress.Refuse(addresses.FirstOrDefault() ?? throw new WireException(WireFault.NameNotResolved, $"{host} has no address"), host);
        }

        return spoken;
    }

    private static async ValueTask<Answer<AdminConnection>> OpenAsync(Target target, string host, Credential admin, WireTls tls, CancellationToken cancel)
    {
        var dataSource = AdminDataSource.Build(target, host, admin, tls);
        try
        {
            return Answer.Of(new AdminConnection(dataSource, await dataSource.OpenConnectionAsync(cancel)));
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or TimeoutException or SocketException)
        {
            await dataSource.DisposeAsync();
            return PostgreSqlFailures.OfConnecting(error, target);
        }
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public Task<int> ExecuteAsync(string statement, CancellationToken cancel) => RunAsync(
        async (connection, abandoned) =>
        {
            await using var command = new NpgsqlCommand(statement, connection);
            return await command.ExecuteNonQueryAsync(abandoned);
        },
        cancel);

    /// <summary>Reads the rows of a query with parameters $1, $2 …</summary>
    public Task<List<T>> ReadAsync<T>(string query, string[] parameters, Func<NpgsqlDataReader, T> row, CancellationToken cancel) => RunAsync(
        async (connection, abandoned) =>
        {
            await using var command = new NpgsqlCommand(query, connection);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
            }

            await using var reader = await command.ExecuteReaderAsync(abandoned);
            var rows = new List<T>();
            while (await reader.ReadAsync(abandoned))
            {
                rows.Add(row(reader));
            }

            return rows;
        },
        cancel);

    /// <summary>Runs what needs the driver's connection itself.</summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> run, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (!IsUsable)
        {
            throw new NpgsqlException("the session is over");
        }

        var running = run(_connection, _abandoned.Token);
        try
        {
            return await running.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            _ = AbandonAsync(running);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_abandoned.IsCancellationRequested)
        {
            await CloseAsync();
        }
    }

    private async Task AbandonAsync(Task running)
    {
        await _abandoned.CancelAsync();

        // However it ends: nobody waits for it any more.
        await Task.WhenAny(running);
        await CloseAsync();
    }

    private async Task CloseAsync()
    {
        await _connection.DisposeAsync();
        await _dataSource.DisposeAsync();
        _abandoned.Dispose();
    }
}
