namespace Keyturn.Wire.MongoDb;

/// <summary>A connection that commands are sent on. One caller at a time.</summary>
public sealed class MongoDbConnection : IAsyncDisposable
{
    private readonly Transport _transport;
    private int _lastRequest;

    private MongoDbConnection(Transport transport) => _transport = transport;

    /// <summary>False once the wire broke in mid-conversation: a reply that comes later would be taken for another command's.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <inheritdoc cref="Transport.IsTrusted"/>
    public bool IsTrusted => _transport.IsTrusted;

    /// <summary>
    /// True where a new password may be sent: MongoDB knows no verifiers, updateUser takes the password itself. It goes over verified TLS or a
    /// local socket only, as clear passwords do everywhere; to a loopback address there is nobody on the way to read it, so that a server for
    /// development may do without TLS.
    /// </summary>
    public bool MaySendPasswords => IsTrusted || _transport.IsLoopback;

    /// <inheritdoc cref="Transport.TlsProtocol"/>
    public string? TlsProtocol => _transport.TlsProtocol;

    /// <summary>Connects. TLS, where it is wished, starts with the first byte: there is no upgrade.</summary>
    public static async ValueTask<MongoDbConnection> ConnectAsync(string host, int port, WireTls tls, CancellationToken cancel)
    {
        var transport = await Transport.ConnectAsync(host, port, cancel);
        try
        {
            if (tls.Mode != WireTlsMode.Disable && !Path.IsPathRooted(host))
            {
                await transport.StartTlsAsync(tls, cancel);
            }

            return new MongoDbConnection(transport);
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="Transport.IsPasswordSent"/>
    internal void SendsPassword() => _transport.IsPasswordSent = true;

    /// <summary>Sends a command to a database and reads its reply, which may be an error of the server's: see <see cref="CommandError"/>.</summary>
    public async ValueTask<BsonDocument> RunAsync(string database, BsonDocument command, CancellationToken cancel)
    {
        if (!IsUsable)
        {
            throw new WireException(WireFault.ConnectionLost, "the connection is of no more use");
        }

        command.Add("$db", database);
        var request = ++_lastRequest;
        var message = OpMsg.Write(request, command);
        try
        {
            await _transport.WriteAsync(message, cancel);
            return await ReadAsync(request, cancel);
        }
        catch (WireException)
        {
            await AbandonAsync();
            throw;
        }
    }

    /// <summary>
    /// Ends the connection at once. The server learns that we are gone, and so its session can end: a reply that we no longer wait for is no
    /// reason to keep it open.
    /// </summary>
    public ValueTask AbandonAsync()
    {
        IsUsable = false;
        return _transport.DisposeAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => AbandonAsync();

    private async ValueTask<BsonDocument> ReadAsync(int request, CancellationToken cancel)
    {
        var header = new byte[OpMsg.HeaderLength];
        await _transport.ReadAsync(header, cancel);
        var body = new byte[OpMsg.LengthAfter(header, request)];
        await _transport.ReadAsync(body, cancel);
        return OpMsg.Read(body);
    }
}
