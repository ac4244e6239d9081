using System.Net.Sockets;

namespace Keyturn.Crash.Network;

/// <summary>One connection through the <see cref="Cutter"/>.</summary>
internal sealed class Link(Socket client, Socket server)
{
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isHeld;
    private volatile bool _holdsSomething;
    private volatile bool _isServerGone;
    private volatile bool _losesAnswers;
    private volatile bool _losesRequests;

    public bool HoldsSomething => _holdsSomething;

    public bool IsServerGone => _isServerGone;

    /// <summary>Returns when both directions have ended.</summary>
    public async Task RunAsync()
    {
        await Task.WhenAll(SendAsync(), AnswerAsync());
        client.Dispose();
        server.Dispose();
    }

    public void Lose(bool both)
    {
        _losesAnswers = true;
        _losesRequests = both;
    }

    public void Hold() => _isHeld = true;

    public void Deliver() => _delivered.TrySetResult();

    public void Close(bool reset)
    {
        _delivered.TrySetResult();
        foreach (var socket in (Socket[])[client, server])
        {
            try
            {
                // Without lingering, what is not sent is dropped and the other side gets a reset.
                socket.LingerState = new LingerOption(reset, 0);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // It has ended by itself.
            }

            socket.Dispose();
        }
    }

    private async Task SendAsync()
    {
        var buffer = new byte[16384];
        try
        {
            while (await client.ReceiveAsync(buffer) is > 0 and var count)
            {
                await WaitAsync();
                if (!_losesRequests)
                {
                    await SendAllAsync(server, buffer.AsMemory(0, count));
                }
            }

            // A dead client's goodbye is as late as its words.
            await (_isHeld && _holdsSomething ? _delivered.Task : Task.CompletedTask);
            server.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One side is gone; the other learns it in its own direction.
        }
    }

    private async Task WaitAsync()
    {
        if (_isHeld)
        {
            _holdsSomething = true;
            await _delivered.Task;
        }
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[16384];
        try
        {
            while (await server.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (!_losesAnswers && !_isHeld)
                {
                    await SendAllAsync(client, buffer.AsMemory(0, count));
                }
            }

            _isServerGone = true;
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            _isServerGone = true;
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }
}
