using System.Net.Sockets;
using System.Text;

namespace Keyturn.Server.Tests.Hosting;

/// <summary>Clients that take their time, or send more than anybody needs, over a bare socket.</summary>
public sealed class SlowClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Slow-loris: the headers come, one byte now and then, and never end.</summary>
    [Fact]
    public async Task Connection_HeadersNeverEnd_IsClosedWithinSeconds()
    {
        await using var server = await RunningServer.StartAsync();
        var connections = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OpenAsync(server, "GET /api/v1/instances HTTP/1.1\r\nHost: x\r\nX-A: ")));

        (await server.GetAsync("/api/v1/instances")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
        var answers = await Task.WhenAll(connections.Select(connection => DripAsync(connection)));

        answers.ShouldAllBe(answer => answer.StartsWith("HTTP/1.1 408 "));
    }

    [Fact]
    public async Task Connection_NeverSaysAnything_IsClosedWithinSeconds()
    {
        await using var server = await RunningServer.StartAsync();
        using var silent = await OpenAsync(server, "");

        (await ReadSomeAsync(silent)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Connection_BodyNeverEnds_IsAnsweredInTheDoorsShape()
    {
        await using var server = await RunningServer.StartAsync();
        var connection = await OpenAsync(server, $"POST /api/v1/principals HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.Token.Reveal()}\r\nContent-Length: 1000\r\n\r\n{{\"name\":");

        var answer = await DripAsync(connection);

        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("urn:keyturn:problem:too-slow");
    }

    [Fact]
    public async Task Request_MoreThanAnybodyNeeds_IsRefused()
    {
        await using var server = await RunningServer.StartAsync();

        (await AskAsync(server, $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: x\r\n\r\n")).ShouldStartWith("HTTP/1.1 414 ");
        (await AskAsync(server, $"GET / HTTP/1.1\r\nHost: x\r\nX-A: {new string('a', 40_000)}\r\n\r\n")).ShouldStartWith("HTTP/1.1 431 ");
        (await AskAsync(server, $"GET / HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, 101).Select(i => $"X-{i}: a\r\n"))}\r\n")).ShouldStartWith("HTTP/1.1 431 ");
    }

    [Fact]
    public async Task Connection_OneTooMany_IsClosedAndTheOthersGoOn()
    {
        await using var server = await RunningServer.StartAsync(options => options with { MaxConnections = 2 });
        using var first = await OpenAsync(server, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        await ReadSomeAsync(first);
        using var second = await OpenAsync(server, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        (await ReadSomeAsync(second)).ShouldStartWith("HTTP/1.1 200 ");

        (await AskAsync(server, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")).ShouldBeEmpty();

        await first.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        (await ReadSomeAsync(first)).ShouldStartWith("HTTP/1.1 200 ");
    }

    private static async Task<TcpClient> OpenAsync(RunningServer server, string text)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        return client;
    }

    private static async Task<string> AskAsync(RunningServer server, string text)
    {
        using var client = await OpenAsync(server, text);
        return await ReadSomeAsync(client);
    }

    /// <summary>One byte each half second, until there is an answer or the connection is closed.</summary>
    private static async Task<string> DripAsync(TcpClient client)
    {
        using var ending = client;
        using var answered = new CancellationTokenSource();
        var answer = ReadSomeAsync(client);
        while (await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, answered.Token)) != answer)
        {
            try
            {
                await client.GetStream().WriteAsync("a"u8.ToArray(), answered.Token);
            }
            catch (IOException)
            {
                // Closed meanwhile; the answer came before that.
                break;
            }
        }

        await answered.CancelAsync();
        return await answer;
    }

    /// <summary>What comes next; empty where the connection is closed.</summary>
    private static async Task<string> ReadSomeAsync(TcpClient client)
    {
        var bytes = new byte[8192];
        try
        {
            var length = await client.GetStream().ReadAsync(bytes).AsTask().WaitAsync(Limit, TimeProvider.System);
            return Encoding.ASCII.GetString(bytes, 0, length);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
