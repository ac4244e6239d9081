using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Wire.Tests.MongoDb;

/// <summary>A peer that takes one connection, and answers each command with what the test says: a document, or bytes as they are.</summary>
internal sealed class FakeMongoDb : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _talking;

    public FakeMongoDb(Func<BsonDocument, object?> answer)
    {
        _listener.Start();
        _talking = TalkAsync(answer);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public List<BsonDocument> Commands { get; } = [];

    /// <summary>A reply to the first request of a connection, with its header turned as a test wants it.</summary>
    public static byte[] Message(BsonDocument document, int? length = null, int responseTo = 1, int opCode = 2013, int flags = 0, byte section = 0)
    {
        byte[] body = [.. Int(flags), section, .. BsonWriter.Write(document)];
        return [.. Int(length ?? (16 + body.Length)), .. Int(7), .. Int(responseTo), .. Int(opCode), .. body];
    }

    public static byte[] Int(int number) => BitConverter.GetBytes(BitConverter.IsLittleEndian ? number : BinaryPrimitives.ReverseEndianness(number));

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _talking;
    }

    private async Task TalkAsync(Func<BsonDocument, object?> answer)
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            var header = new byte[16];
            for (var request = 1; await stream.ReadAtLeastAsync(header, 16, throwOnEndOfStream: false) == 16; request++)
            {
                var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - 16];
                await stream.ReadExactlyAsync(body);
                Commands.Add(BsonReader.Read(body.AsSpan(5)));
                switch (answer(Commands[^1]))
                {
                    case BsonDocument document:
                        await stream.WriteAsync(Message(document, responseTo: request));
                        break;
                    case byte[] bytes:
                        await stream.WriteAsync(bytes);
                        break;
                    default:
                        return;
                }
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The test has ended, or the client has.
        }
    }
}
