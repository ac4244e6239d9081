using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Keyturn.Fuzz.Targets;

/// <summary>
/// A server on loopback that says an input to whoever connects, and then no more. Where the input has <see cref="Nonce"/>, what comes after waits
/// until the client has sent its own (SCRAM), which then takes its place: of the same length, so that lengths around it stay true.
/// </summary>
internal sealed class ReplayPeer : IAsyncDisposable
{
    /// <summary>As long as the client's.</summary>
    public const string Nonce = "NONCENONCENONCENONCENONC";

    /// <summary>For a client that has no nonce to send.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;
    private byte[] _input = [];

    public ReplayPeer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Say(byte[] input) => _input = input;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _ = TalkAsync(await _listener.AcceptSocketAsync(), _input);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped, before or while it waited.
                return;
            }
        }
    }

    private static async Task TalkAsync(Socket accepted, byte[] input)
    {
        using var client = accepted;
        try
        {
            client.LingerState = new LingerOption(enable: true, seconds: 0); // nothing is left in TIME_WAIT
            client.NoDelay = true;
            await SayAsync(client, input);
        }
        catch (SocketException)
        {
            // The client has had enough.
        }
    }

    private static async Task SayAsync(Socket client, byte[] input)
    {
        var heard = new byte[16 * 1024];
        var marker = Encoding.ASCII.GetBytes(Nonce);
        var at = input.AsSpan().IndexOf(marker);
        await client.SendAsync(input.AsMemory(0, at < 0 ? input.Length : at));
        if (at >= 0 && await HearNonceAsync(client, heard) is { } nonce)
        {
            await client.SendAsync(Replace(input[at..], marker, nonce));
        }

        client.Shutdown(SocketShutdown.Send);
        while (await client.ReceiveAsync(heard) > 0)
        {
            // To its end: whoever closes while there is something unread takes away what was said.
        }
    }

    private static byte[] Replace(byte[] bytes, byte[] marker, byte[] by)
    {
        for (var at = bytes.AsSpan().IndexOf(marker); at >= 0; at = bytes.AsSpan().IndexOf(marker))
        {
            by.CopyTo(bytes, at);
        }

        return bytes;
    }

    private static async Task<byte[]?> HearNonceAsync(Socket client, byte[] heard)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            for (var length = 0; length < heard.Length;)
            {
                var count = await client.ReceiveAsync(heard.AsMemory(length), patience.Token);
                length += count;
                if (heard.AsSpan(0, length).IndexOf("r="u8) is >= 0 and var at && at + 2 + Nonce.Length <= length)
                {
                    return heard[(at + 2)..(at + 2 + Nonce.Length)];
                }

                if (count == 0)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It waits for us: it has no such thing to say here.
        }

        return null;
    }
}
