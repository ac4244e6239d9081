using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Keyturn.Crash.Network;

/// <summary>How a connection comes to its end.</summary>
internal enum Cut
{
    /// <summary>A reset, at once, to both sides.</summary>
    Reset,

    /// <summary>An orderly close to both sides, in mid-conversation.</summary>
    Close,

    /// <summary>The server gets what it was sent, and its answers are lost; then a reset.</summary>
    LoseAnswers,

    /// <summary>Neither side hears of the other any more; then a reset.</summary>
    Silence,
}

/// <summary>
/// A network between Keyturn and one server, which breaks when told to, and may deliver late: what a dead client has sent is still on
/// its way. TLS passes through untouched.
/// </summary>
internal sealed class Cutter : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Link, byte> _links = new();
    private readonly Task _accepting;

    public Cutter(string host, int port)
    {
        _listener.Start();
        _accepting = AcceptAsync(host, port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cuts every connection there is; new ones go through.</summary>
    public async Task CutAsync(Cut how, TimeSpan silence)
    {
        var links = _links.Keys.ToList();
        if (how is Cut.LoseAnswers or Cut.Silence)
        {
            links.ForEach(link => link.Lose(both: how == Cut.Silence));
            await Task.Delay(silence, TimeProvider.System);
        }

        links.ForEach(link => link.Close(reset: how != Cut.Close));
    }

    /// <summary>From now on nothing that is sent on the connections there are arrives; new ones go through.</summary>
    public HeldLinks Hold()
    {
        var links = _links.Keys.ToList();
        links.ForEach(link => link.Hold());
        return new HeldLinks(links);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();

        // A listener that is stopped says to who would accept that this is no operation.
        await _accepting;
        _listener.Stop();
        foreach (var link in _links.Keys)
        {
            link.Close(reset: true);
        }

        _end.Dispose();
    }

    private async Task AcceptAsync(string host, int port)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_end.Token), host, port);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of this network.
        }
    }

    private async Task ServeAsync(Socket client, string host, int port)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await server.ConnectAsync(host, port, _end.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            client.Dispose();
            server.Dispose();
            return;
        }

        var link = new Link(client, server);
        _links[link] = 0;
        await link.RunAsync();
        _links.TryRemove(link, out _);
    }
}

/// <summary>Connections on which what the client sends is held back.</summary>
internal sealed class HeldLinks(IReadOnlyList<Link> links)
{
    /// <summary>Everything arrives, late.</summary>
    /// <returns>How many connections had something to deliver, and of these, how many the server had ended by then.</returns>
    public (int Late, int Ended) Deliver()
    {
        var late = links.Where(link => link.HoldsSomething).ToList();
        var ended = late.Count(link => link.IsServerGone);
        foreach (var link in links)
        {
            link.Deliver();
        }

        return (late.Count, ended);
    }
}
