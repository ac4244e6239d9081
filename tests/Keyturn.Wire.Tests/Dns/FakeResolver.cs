using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Keyturn.Wire.Tests.Dns;

/// <summary>A resolver on loopback, UDP and TCP on one port, that knows what a test tells it.</summary>
internal sealed class FakeResolver : IAsyncDisposable
{
    private readonly Socket _udp;
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    public FakeResolver()
    {
        (_udp, _tcp) = Bind();
        _running = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint Address => (IPEndPoint)_udp.LocalEndPoint!;

    /// <summary>Names (lower case) to records: their type and data. The owner's name is a pointer to the question's.</summary>
    public Dictionary<string, List<(ushort Type, byte[] Data)>> Records { get; } = [];

    /// <summary>Turns an answer into another one: for what a resolver must not say.</summary>
    public Func<byte[], byte[]> Twist { get; set; } = answer => answer;

    /// <summary>Says over UDP only that the answer did not fit.</summary>
    public bool Truncates { get; set; }

    public int Queries { get; private set; }

    public void AddSrv(string name, string target, int port) =>
        Add(name, 33, [0, 0, 0, 0, (byte)(port >> 8), (byte)port, .. Name(target)]);

    public void AddTxt(string name, params string[] strings) =>
        Add(name, 16, [.. strings.SelectMany(text => (byte[])[(byte)text.Length, .. Encoding.ASCII.GetBytes(text)])]);

    public void Add(string name, ushort type, byte[] data)
    {
        Records.TryAdd(name, []);
        Records[name].Add((type, data));
    }

    public static byte[] Name(string name) => [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _tcp.Stop();
        _udp.Dispose();
        _end.Dispose();
    }

    /// <summary>A port that is free for UDP may be somebody else's for TCP: then another is tried.</summary>
    private static (Socket Udp, TcpListener Tcp) Bind()
    {
        for (var attempt = 1; ; attempt++)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var tcp = new TcpListener((IPEndPoint)udp.LocalEndPoint!);
            try
            {
                tcp.Start();
                return (udp, tcp);
            }
            catch (SocketException) when (attempt < 10)
            {
                udp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[512];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _end.Token);
                var query = buffer[..received.ReceivedBytes];
                await _udp.SendToAsync(Truncates ? Header(query, 0x8200, 0) : Twist(Answer(query)), received.RemoteEndPoint, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_end.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _end.Token);
                var query = new byte[(length[0] << 8) | length[1]];
                await stream.ReadExactlyAsync(query, _end.Token);
                var answer = Answer(query);
                await stream.WriteAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer], _end.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The test has ended.
        }
    }

    private byte[] Answer(byte[] query)
    {
        Queries++;
        var labels = new List<string>();
        for (var at = 12; query[at] > 0; at += query[at] + 1)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        }

        var type = (ushort)((query[^4] << 8) | query[^3]);
        var found = Records.GetValueOrDefault(string.Join('.', labels).ToLowerInvariant());

        // All records of the name, as a resolver sends a CNAME along: whoever asked looks at its own type.
        return found is null || found.TrueForAll(record => record.Type != type)
            ? Header(query, (ushort)(found is null ? 0x8183 : 0x8180), 0)
            : [.. Header(query, 0x8180, (ushort)found.Count), .. found.SelectMany(record => (byte[])[0xC0, 12, (byte)(record.Type >> 8), (byte)record.Type, 0, 1, 0, 0, 0, 60, (byte)(record.Data.Length >> 8), (byte)record.Data.Length, .. record.Data])];
    }

    private static byte[] Header(byte[] query, ushort flags, ushort answers) =>
        [.. query[..2], (byte)(flags >> 8), (byte)flags, 0, 1, (byte)(answers >> 8), (byte)answers, 0, 0, 0, 0, .. query[12..]];
}
