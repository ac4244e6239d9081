using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Keyturn.Wire.Tests.Redis;

/// <summary>A peer that takes one connection and says what a test tells it to, whatever it is asked.</summary>
internal sealed class FakeRedis : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<string> _sayings = Channel.CreateUnbounded<string>();
    private readonly Task<TcpClient> _accepted;
    private readonly Task _talking;

    public FakeRedis(params string[] sayings)
    {
        _listener.Start();
        _accepted = _listener.AcceptTcpClientAsync();
        _talking = TalkAsync();
        Array.ForEach(sayings, Say);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Says this, each character a byte, as soon as somebody is there.</summary>
    public void Say(string text) => _sayings.Writer.TryWrite(text).ShouldBeTrue();

    /// <summary>Ends its side of the connection after what it has to say.</summary>
    public void HangUp() => _sayings.Writer.Complete();

    /// <summary>All that it was sent until the client hung up.</summary>
    public async Task<string> HearAsync(CancellationToken cancel)
    {
        using var heard = new MemoryStream();
        await (await _accepted).GetStream().CopyToAsync(heard, cancel);
        return Encoding.UTF8.GetString(heard.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        _sayings.Writer.TryComplete();
        _listener.Stop();
        await _talking;
    }

    private async Task TalkAsync()
    {
        try
        {
            var client = await _accepted;
            await foreach (var text in _sayings.Reader.ReadAllAsync())
            {
                await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));
            }

            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            // Nobody came, or nobody listens any more.
        }
    }
}
