using System.Net;
using System.Net.Sockets;

namespace Keyturn.LiveTests;

/// <summary>
/// A way to a server on which answers can be held back: what the client sends still arrives. TLS passes through untouched.
/// </summary>
public sealed class StallingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _withheld = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private volatile bool _holding;

    public StallingProxy(DnsEndPoint server)
    {
        _listener.Start();
        _running = AcceptAsync(server);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on nothing that the server says comes through.</summary>
    public void HoldAnswers() => _holding = true;

    /// <summary>Completes when the server has said something that was held back.</summary>
    public Task Withheld => _withheld.Task;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();

        // A listener that is stopped says to who would accept that this is no operation.
        await _running;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task AcceptAsync(DnsEndPoint server)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token), server));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, DnsEndPoint address)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(address.Host, address.Port, _end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            // Both before either is used: one that is gone has none.
            var (near, far) = (client.GetStream(), server.GetStream());
            await Task.WhenAll(CopyAsync(near, far, held: () => false), CopyAsync(far, near, held: () => _holding));
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<bool> held)
    {
        var buffer = new byte[8192];
        try
        {
            while (await from.ReadAsync(buffer, _end.Token) is > 0 and var count)
            {
                if (held())
                {
                    _withheld.TrySetResult();
                }
                else
                {
                    await to.WriteAsync(buffer.AsMemory(0, count), _end.Token);
                }
            }

            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; the other learns it when its own direction ends.
        }
    }
}
