namespace Keyturn.Wire.MySql;

/// <summary>
/// The command phase of one connection: statements as text, one at a time. Not thread-safe. After any <see cref="WireException"/> the
/// connection is of no more use.
/// </summary>
public sealed class MySqlConnection : IAsyncDisposable
{
    private const byte LocalInfile = 0xFB;

    /// <summary>Nothing of ours asks for more; a row takes memory for each of them, also for those that are NULL.</summary>
    private const int MaxColumns = 128;

    private readonly PacketFraming _framing;
    private readonly WireTls _tls;

    private MySqlConnection(Transport transport, WireTls tls) => (_framing, _tls) = (new PacketFraming(transport), tls);

    /// <summary>What the last answer said about the session.</summary>
    public StatusFlags Status { get; private set; }

    /// <summary>The bytes below: what protects them.</summary>
    public Transport Transport => _framing.Transport;

    /// <summary>The version that the greeting claims; empty before the login.</summary>
    public string ServerVersion { get; private set; } = "";

    /// <summary>The connection's number in the greeting, cut to 32 bits.</summary>
    public uint ThreadId { get; private set; }

    /// <summary>Connects, without a word said yet.</summary>
    public static async ValueTask<MySqlConnection> ConnectAsync(string host, int port, WireTls tls, CancellationToken cancel) =>
        new(await Transport.ConnectAsync(host, port, cancel), tls);

    /// <summary>Logs in; statements may follow when the verdict is Accepted or NotAsked.</summary>
    public async ValueTask<LoginReply> LoginAsync(string user, string password, CancellationToken cancel)
    {
        var login = new MySqlLogin(_framing, _tls, user, password);
        var reply = await login.RunAsync(cancel);
        (ServerVersion, ThreadId) = (login.ServerVersion, login.ThreadId);
        return reply;
    }

    /// <summary>Sends a statement and reads its whole answer.</summary>
    public async ValueTask<QueryResult> QueryAsync(string statement, QueryLimits limits, CancellationToken cancel)
    {
        _framing.BeginCommand();
        await _framing.WriteAsync(ComQuery.Payload(statement), cancel);
        var answer = new AnswerReader(_framing, limits);
        var first = await answer.ReadAsync(cancel);
        switch (first[0])
        {
            case OkPacket.Header:
                End(OkPacket.Read(first));
                return new QueryResult();
            case ErrPacket.Header:
                return new QueryResult { Error = ErrPacket.Read(first) };
            case LocalInfile:
                throw WireException.Violation("the server asks for a file of ours");
            default:
                return await ReadRowsAsync(answer, ColumnCount(first), cancel);
        }
    }

    /// <summary>Says goodbye; the server is not waited for.</summary>
    public ValueTask QuitAsync(CancellationToken cancel)
    {
        _framing.BeginCommand();
        return _framing.WriteAsync(ComQuit.Payload, cancel);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Transport.DisposeAsync();

    private async ValueTask<QueryResult> ReadRowsAsync(AnswerReader answer, int count, CancellationToken cancel)
    {
        var columns = new Dictionary<string, int>(count, StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            columns[ColumnDefinition41.ReadName(await answer.ReadAsync(cancel))] = index;
        }

        if (!EofPacket.Is(await answer.ReadAsync(cancel)))
        {
            throw WireException.Violation($"more than {count} columns");
        }

        var rows = new List<ResultRow>();
        while (true)
        {
            var packet = await answer.ReadAsync(cancel);
            if (EofPacket.Is(packet))
            {
                End(EofPacket.Read(packet));
                return new QueryResult { Rows = rows };
            }

            if (packet[0] == ErrPacket.Header)
            {
                return new QueryResult { Error = ErrPacket.Read(packet) };
            }

            answer.CountRow(count);
            rows.Add(new ResultRow(columns, TextResultsetRow.Read(packet, count)));
        }
    }

    private static int ColumnCount(ReadOnlySpan<byte> payload)
    {
        var count = new PacketReader(payload).LengthEncodedInteger();
        return count is > 0 and <= MaxColumns ? (int)count : throw WireException.Violation($"a result of {count} columns");
    }

    private void End(StatusFlags status)
    {
        Status = status;
        if (status.HasFlag(StatusFlags.MoreResultsExists))
        {
            throw WireException.Violation("more results than statements");
        }
    }

    /// <summary>Counts what one answer takes.</summary>
    private sealed class AnswerReader(PacketFraming framing, QueryLimits limits)
    {
        private int _bytesLeft = limits.Bytes;
        private int _rowsLeft = limits.Rows;

        public async ValueTask<byte[]> ReadAsync(CancellationToken cancel)
        {
            var payload = await framing.ReadAsync(_bytesLeft, cancel);
            _bytesLeft -= payload.Length;
            return payload;
        }

        /// <summary>A value takes memory also where it is NULL, which is one byte on the wire.</summary>
        public void CountRow(int columns)
        {
            _bytesLeft -= columns * IntPtr.Size;
            if (_rowsLeft-- == 0 || _bytesLeft < 0)
            {
                throw WireException.Violation($"more than {limits.Rows} rows or {limits.Bytes} bytes");
            }
        }
    }
}
