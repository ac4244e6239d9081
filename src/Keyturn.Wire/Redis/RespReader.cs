using System.Globalization;
using System.Text;

namespace Keyturn.Wire.Redis;

/// <summary>Reads replies, one at a time. See the RESP protocol specification of Redis.</summary>
/// <remarks>
/// The peer may be anybody: a length is looked at before memory is taken, what a reply may hold in all is counted down while it is read,
/// and types that no command of ours is answered with (pushes, streamed strings, attributes) are a violation.
/// </remarks>
public sealed class RespReader(Transport transport)
{
    /// <summary>Bytes of a line: a type, a length, a simple string or an error.</summary>
    public const int MaxLine = 16 * 1024;

    /// <summary>Bytes of one string. The longest that we ask for is INFO, some 10 kB.</summary>
    public const int MaxString = 1024 * 1024;

    /// <summary>Bytes of all lines and strings of one reply. ACL LIST has some 150 bytes an account.</summary>
    public const int MaxReply = 16 * 1024 * 1024;

    /// <summary>Elements of one reply, those of inner lists included.</summary>
    public const int MaxElements = 128 * 1024;

    /// <summary>Lists within lists. ACL GETUSER has three.</summary>
    public const int MaxDepth = 8;

    private readonly byte[] _line = new byte[MaxLine];
    private int _bytesLeft;
    private int _elementsLeft;

    /// <summary>The next reply.</summary>
    public ValueTask<RespValue> ReadAsync(CancellationToken cancel)
    {
        _bytesLeft = MaxReply;
        _elementsLeft = MaxElements;
        return ReadValueAsync(MaxDepth, cancel);
    }

    private async ValueTask<RespValue> ReadValueAsync(int depthLeft, CancellationToken cancel)
    {
        var type = await transport.ReadByteAsync(cancel);
        var line = await ReadLineAsync(cancel);
        return (char)type switch
        {
            '+' => new RespText(line),
            '-' => Error(line),
            ':' => new RespInteger(Number(line)),
            '_' => RespNull.Value,
            '$' => await ReadStringAsync(Number(line), cancel),
            '=' => await ReadVerbatimAsync(Number(line), cancel),
            '*' or '~' => await ReadListAsync(Number(line), depthLeft, cancel),
            '%' => await ReadListAsync(PairCount(line), depthLeft, cancel),
            _ => throw WireException.Violation("a reply that is not of the Redis protocol"),
        };
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancel)
    {
        for (var length = 0; length < MaxLine && _bytesLeft > 0; length++, _bytesLeft--)
        {
            _line[length] = await transport.ReadByteAsync(cancel);
            if (_line[length] == '\n')
            {
                return length > 0 && _line[length - 1] == '\r'
                    ? Encoding.UTF8.GetString(_line, 0, length - 1)
                    : throw WireException.Violation("a line that does not end in CR LF");
            }
        }

        throw WireException.Violation("a line that is too long");
    }

    private async ValueTask<RespValue> ReadStringAsync(long length, CancellationToken cancel)
    {
        if (length == -1)
        {
            return RespNull.Value;
        }

        if (length is < 0 or > MaxString || length > _bytesLeft)
        {
            throw WireException.Violation("a string of impossible length");
        }

        _bytesLeft -= (int)length;
        var bytes = new byte[length + 2];
        await transport.ReadAsync(bytes, cancel);
        return bytes.AsSpan((int)length) is [(byte)'\r', (byte)'\n']
            ? new RespText(Encoding.UTF8.GetString(bytes, 0, (int)length))
            : throw WireException.Violation("a string that does not end where it said");
    }

    /// <summary>A verbatim string starts with its format, three letters and a colon.</summary>
    private async ValueTask<RespValue> ReadVerbatimAsync(long length, CancellationToken cancel) =>
        await ReadStringAsync(length, cancel) is RespText { Text: [_, _, _, ':', .. var text] }
            ? new RespText(text)
            : throw WireException.Violation("a verbatim string without its format");

    private async ValueTask<RespValue> ReadListAsync(long count, int depthLeft, CancellationToken cancel)
    {
        if (count == -1)
        {
            return RespNull.Value;
        }

        if (count < 0 || count > _elementsLeft || depthLeft == 0)
        {
            throw WireException.Violation("a list of impossible length or depth");
        }

        _elementsLeft -= (int)count;

        // Grows with what really comes: a count alone takes no memory.
        var items = new List<RespValue>();
        while (items.Count < count)
        {
            items.Add(await ReadValueAsync(depthLeft - 1, cancel));
        }

        return new RespList(items);
    }

    private static RespError Error(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? new RespError(line, "") : new RespError(line[..space], line[(space + 1)..]);
    }

    private static long PairCount(string line) =>
        Number(line) is var count and >= 0 and <= MaxElements ? 2 * count : throw WireException.Violation("a map of impossible length");

    private static long Number(string line) =>
        long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw WireException.Violation("a number that is none");
}
