using System.Buffers.Binary;

namespace Keyturn.Wire.PostgreSql;

/// <summary>A message of the server; its body is valid until the next one is read.</summary>
internal readonly record struct BackendMessage(byte Tag, ReadOnlyMemory<byte> Body);

/// <summary>
/// Messages over a transport: a tag, a length that counts itself, a body
/// (<see href="https://www.postgresql.org/docs/current/protocol-message-formats.html"/>).
/// </summary>
internal sealed class MessageFraming(Transport transport)
{
    /// <summary>No message of a login comes near this; one that claims more is not read.</summary>
    public const int LongestBody = 64 * 1024;

    private readonly byte[] _header = new byte[5];
    private byte[] _body = new byte[512];

    public async ValueTask<BackendMessage> ReadAsync(CancellationToken cancel)
    {
        await transport.ReadAsync(_header, cancel);
        var length = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(1)) - sizeof(int);
        if (length is < 0 or > LongestBody)
        {
            throw WireException.Violation($"a message of {length} bytes in a login");
        }

        if (length > _body.Length)
        {
            _body = new byte[LongestBody];
        }

        var body = _body.AsMemory(0, length);
        await transport.ReadAsync(body, cancel);
        return new BackendMessage(_header[0], body);
    }

    public ValueTask WriteAsync(byte[] message, CancellationToken cancel) => transport.WriteAsync(message, cancel);
}
