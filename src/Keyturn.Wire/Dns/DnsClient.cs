using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Keyturn.Wire.Dns;

/// <summary>Asks the resolvers of this machine for SRV and TXT records, which .NET does not.</summary>
/// <remarks>
/// Over UDP from a port and with a number that cannot be guessed, and over TCP where the answer did not fit. Nothing it says is believed on its
/// own: who answers at an address that it names must show a certificate for it.
/// </remarks>
public sealed class DnsClient(IReadOnlyList<IPEndPoint> resolvers, TimeProvider clock)
{
    private const int Port = 53;
    private const int Rounds = 2;
    private const int NoSuchName = 3;
    private const string ResolversFile = "/etc/resolv.conf";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>With the resolvers that the operating system names.</summary>
    public static DnsClient OfThisMachine(TimeProvider clock) => new(ReadResolvers(File.Exists(ResolversFile) ? File.ReadAllLines(ResolversFile) : []), clock);

    /// <summary>Hosts of a service; none where there is no such name.</summary>
    public ValueTask<IReadOnlyList<SrvRecord>> ServicesAsync(string name, CancellationToken cancel) => AskAsync(name, DnsType.Srv, DnsMessage.ReadSrv, cancel);

    /// <summary>Texts; none where there is no such name.</summary>
    public ValueTask<IReadOnlyList<string>> TextsAsync(string name, CancellationToken cancel) => AskAsync(name, DnsType.Txt, DnsMessage.ReadTxt, cancel);

    /// <summary>The <c>nameserver</c> lines of resolv.conf(5).</summary>
    internal static IReadOnlyList<IPEndPoint> ReadResolvers(IEnumerable<string> lines) =>
    [
        .. lines.Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, Port) : null)
            .OfType<IPEndPoint>(),
    ];

    private async ValueTask<IReadOnlyList<T>> AskAsync<T>(string name, DnsType type, RecordReader<T> read, CancellationToken cancel)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var query = DnsMessage.Write(id, name, type) ?? throw new WireException(WireFault.NameNotResolved, $"{name} is no name");
        var fault = new WireException(WireFault.NameNotResolved, "the operating system names no resolver");
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var resolver in resolvers)
            {
                try
                {
                    var message = await AskAsync(resolver, query, cancel);
                    return DnsMessage.CodeOf(message) is 0 or NoSuchName
                        ? DnsMessage.Read(message, query.Length, type, read)
                        : throw new WireException(WireFault.NameNotResolved, $"{resolver} does not resolve {name} (code {DnsMessage.CodeOf(message)})");
                }
                catch (WireException error) when (!cancel.IsCancellationRequested)
                {
                    fault = error;
                }
            }
        }

        throw fault;
    }

    private async ValueTask<byte[]> AskAsync(IPEndPoint resolver, byte[] query, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            var message = await AskByUdpAsync(resolver, query, either.Token);
            return DnsMessage.WasTruncated(message) ? await AskByTcpAsync(resolver, query, either.Token) : message;
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException)
        {
            throw new WireException(error is OperationCanceledException ? WireFault.TimedOut : WireFault.NameNotResolved, $"{resolver} gives no answer", error);
        }
    }

    private static async ValueTask<byte[]> AskByUdpAsync(IPEndPoint resolver, byte[] query, CancellationToken cancel)
    {
        // Connected: the operating system gives it a port of its own, and nothing from anybody else.
        using var socket = new Socket(resolver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(resolver, cancel);
        await socket.SendAsync(query, cancel);
        var buffer = new byte[4096];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancel);
            if (length >= DnsMessage.HeaderLength && DnsMessage.IsAnswerTo(query, buffer.AsSpan(0, length)))
            {
                return buffer[..length];
            }
        }
    }

    private static async ValueTask<byte[]> AskByTcpAsync(IPEndPoint resolver, byte[] query, CancellationToken cancel)
    {
        using var client = new TcpClient(resolver.AddressFamily);
        await client.ConnectAsync(resolver, cancel);
        var stream = client.GetStream();
        await stream.WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query], cancel);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancel);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancel);
        return message.Length >= DnsMessage.HeaderLength && DnsMessage.IsAnswerTo(query, message)
            ? message
            : throw WireException.Violation($"{resolver} answers something else than was asked");
    }
}
