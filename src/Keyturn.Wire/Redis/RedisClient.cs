using System.Buffers;

namespace Keyturn.Wire.Redis;

/// <summary>A connection that commands are sent on. One caller at a time.</summary>
/// <remarks>Redis and Valkey alike. TLS, where it is wished, starts with the first byte; the servers know no upgrade.</remarks>
public sealed class RedisClient : IAsyncDisposable
{
    private readonly Transport _transport;
    private readonly RespReader _reader;

    private RedisClient(Transport transport)
    {
        _transport = transport;
        _reader = new RespReader(transport);
    }

    /// <summary>False once the wire broke in mid-conversation: a reply that comes later would be taken for another command's.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <inheritdoc cref="Transport.IsTrusted"/>
    public bool IsTrusted => _transport.IsTrusted;

    /// <inheritdoc cref="Transport.TlsProtocol"/>
    public string? TlsProtocol => _transport.TlsProtocol;

    /// <summary>
    /// Connects. The token's deadline covers the TLS handshake too: a server that expects plain text answers a handshake with silence
    /// (Redis 7.0, 8.0 and Valkey 9.1 do).
    /// </summary>
    public static async ValueTask<RedisClient> ConnectAsync(string host, int port, WireTls tls, CancellationToken cancel)
    {
        var transport = await Transport.ConnectAsync(host, port, cancel);
        try
        {
            if (tls.Mode != WireTlsMode.Disable && !Path.IsPathRooted(host))
            {
                await transport.StartTlsAsync(tls, cancel);
            }

            return new RedisClient(transport);
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="Transport.IsPasswordSent"/>
    internal void SendsPassword() => _transport.IsPasswordSent = true;

    /// <summary>Sends a command and reads its reply.</summary>
    public async ValueTask<RespValue> ExecuteAsync(RespCommand command, CancellationToken cancel) =>
        (await ExecuteAllAsync([command], cancel))[0];

    /// <summary>Sends commands at once and reads a reply to each, in their order.</summary>
    public async ValueTask<IReadOnlyList<RespValue>> ExecuteAllAsync(IReadOnlyList<RespCommand> commands, CancellationToken cancel)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var command in commands)
        {
            command.WriteTo(output);
        }

        try
        {
            await _transport.WriteAsync(output.WrittenMemory, cancel);
            var replies = new List<RespValue>(commands.Count);
            while (replies.Count < commands.Count)
            {
                replies.Add(await _reader.ReadAsync(cancel));
            }

            return replies;
        }
        catch (WireException)
        {
            IsUsable = false;
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}
