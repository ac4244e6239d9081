using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Keyturn.Fuzz.Targets;

/// <summary>
/// Requests to the real server on loopback, sent as bytes: a line with method and target, headers, an empty line, the body. Names in braces are what
/// <see cref="FuzzedServer"/> has. An answer of 5xx is a finding, and so is none.
/// </summary>
internal sealed class HttpTarget(string name) : FuzzTarget(name)
{
    /// <summary>A server that has heard so much is left for a new one: instances are removed, accounts dropped.</summary>
    private const int RequestsPerServer = 500;

    /// <summary>What says how long the body is, and what would wait for more: ours.</summary>
    private static readonly string[] Kept = ["content-length:", "transfer-encoding:", "connection:", "expect:", "upgrade:", "host:"];

    private FuzzedServer? _server;
    private int _requests;

    public override IReadOnlyList<string> Words { get; } =
    [
        "{token}", "{session}", "{basic}", "{project}", "{postgresql}", "{mysql}", "{redis}", "{mariadb}", "{mongodb}", "{mysql-uuid}", "{redis-uuid}", "in02", "in07", "in09", "%2F", "%00", "%ff", "..", "//", "?", "&limit=", "&offset=-1",
        "Authorization: Bearer ", "Authorization: Basic ", "Authorization: SDK-HMAC-SHA256 ", "X-Auth-Token: ", "X-Subject-Token: ", "Idempotency-Key: ", "X-Language: zh-cn\n", "Content-Encoding: gzip\n", "Accept-Language: ", "\n",
        "GET ", "PUT ", "POST ", "PATCH ", "DELETE ", "HEAD ", "\"\\ud800\"", "null", "[]", "{}",
    ];

    public override async ValueTask StartAsync() => _server = await FuzzedServer.StartAsync();

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        var answer = await AskAsync(Request(Named(Latin1(input))));
        var status = answer.Length > 12 && int.TryParse(answer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 0;
        if (status is 0 or >= 500)
        {
            throw new HttpRequestException($"answered with {status}, see the log: {Shape(input.Length == 0 ? "" : Latin1(input).Split('\n')[0])}");
        }

        // What is made for a caller (a password, say) is another each time, and would look like another way.
        return status < 300 ? $"{status}" : $"{status} {Shape(BodyOf(answer))}";
    }

    public override async ValueTask RestAsync()
    {
        if (++_requests % RequestsPerServer == 0)
        {
            await DisposeAsync();
            await StartAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }
    }

    private string Named(string text) => _server!.Names.Aggregate(text, (named, name) => named.Replace($"{{{name.Key}}}", name.Value, StringComparison.Ordinal));

    private static byte[] Request(string text)
    {
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        var (head, body) = split < 0 ? (text, "") : (text[..split], text[(split + 2)..]);
        var lines = head.Split('\n');
        var headers = lines.Skip(1).Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0 && !Kept.Any(kept => line.TrimStart().StartsWith(kept, StringComparison.OrdinalIgnoreCase)));
        var whole = new StringBuilder($"{lines[0].TrimEnd('\r')} HTTP/1.1\r\nHost: localhost\r\n");
        foreach (var header in headers)
        {
            whole.Append(header).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(whole.Append($"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n").Append(body).ToString());
    }

    private async Task<string> AskAsync(byte[] request)
    {
        using var deadline = new CancellationTokenSource(WireTarget.Deadline);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(enable: true, seconds: 0) };
        await socket.ConnectAsync("127.0.0.1", _server!.Address.Port, deadline.Token);
        var (answer, buffer) = (new MemoryStream(), new byte[16 * 1024]);
        try
        {
            await socket.SendAsync(request, deadline.Token);
            for (var count = await socket.ReceiveAsync(buffer, deadline.Token); count > 0; count = await socket.ReceiveAsync(buffer, deadline.Token))
            {
                answer.Write(buffer, 0, count);
            }
        }
        catch (OperationCanceledException) when (answer.Length == 0)
        {
            // The judge looks at the time, and tries again.
            return "HTTP/1.1 408 none";
        }
        catch (SocketException) when (answer.Length > 0)
        {
            // It answered before it had read all of a request that is none.
        }

        return Encoding.Latin1.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }

    private static string BodyOf(string answer) => answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var split ? answer[(split + 4)..] : "";
}
