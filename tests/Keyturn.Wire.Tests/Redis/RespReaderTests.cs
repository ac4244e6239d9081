using Keyturn.Wire.Redis;

namespace Keyturn.Wire.Tests.Redis;

public sealed class RespReaderTests
{
    private static readonly RespCommand Ping = new("PING");

    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData("+\r\n", "")]
    [InlineData("$5\r\na\r\nbc\r\n", "a\r\nbc")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("$2\r\n\u00c3\u00bc\r\n", "ü")]
    [InlineData("=7\r\ntxt:abc\r\n", "abc")]
    [InlineData("=4\r\ntxt:\r\n", "")]
    public async Task Read_String_IsItsText(string bytes, string text) => (await ReadAsync(bytes)).ShouldBeOfType<RespText>().Text.ShouldBe(text);

    [Theory]
    [InlineData("$-1\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("_\r\n")]
    public async Task Read_NothingInEitherVersion_IsNull(string bytes) => (await ReadAsync(bytes)).ShouldBeOfType<RespNull>();

    [Theory]
    [InlineData(":0\r\n", 0)]
    [InlineData(":-12\r\n", -12)]
    [InlineData(":9223372036854775807\r\n", long.MaxValue)]
    public async Task Read_Number_IsItsValue(string bytes, long value) => (await ReadAsync(bytes)).ShouldBeOfType<RespInteger>().Value.ShouldBe(value);

    [Theory]
    [InlineData("-ERR no such thing\r\n", "ERR", "no such thing")]
    [InlineData("-WRONGPASS\r\n", "WRONGPASS", "")]
    public async Task Read_Error_IsItsFirstWordAndTheRest(string bytes, string code, string message)
    {
        var error = (await ReadAsync(bytes)).ShouldBeOfType<RespError>();

        error.Code.ShouldBe(code);
        error.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("*4\r\n$5\r\nflags\r\n*1\r\n$2\r\non\r\n$3\r\nkey\r\n:7\r\n")]
    [InlineData("%2\r\n+flags\r\n~1\r\n+on\r\n+key\r\n:7\r\n")]
    public async Task Read_MapInEitherVersion_FindsItsValues(string bytes)
    {
        var map = (await ReadAsync(bytes)).ShouldBeOfType<RespList>();

        map.Find("flags").ShouldBeOfType<RespList>().Items.ShouldHaveSingleItem().ShouldBeOfType<RespText>().Text.ShouldBe("on");
        map.Find("key").ShouldBeOfType<RespInteger>().Value.ShouldBe(7);
        map.Find("on").ShouldBeNull();
    }

    public static TheoryData<string> Lies { get; } =
    [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "\0\0\0\0\r\n",
        "+OK\n",
        "\r\n\r\n",
        $"+{new string('x', RespReader.MaxLine)}\r\n",
        "$x\r\n",
        "$\r\n",
        "$-2\r\n",
        "$ 5\r\nhello\r\n",
        "$1048577\r\n",
        "$2147483648\r\n",
        "$9223372036854775807\r\n",
        "$99999999999999999999\r\n",
        "$5\r\nhelloXX",
        "=3\r\ntxt\r\n",
        "=-1\r\n",
        "*-2\r\n",
        "*131073\r\n",
        "*9223372036854775807\r\n",
        "%65537\r\n",
        "%4611686018427387904\r\n",
        "%-1\r\n",
        "*2\r\n*131072\r\n",
        string.Concat(Enumerable.Repeat("*1\r\n", RespReader.MaxDepth + 1)),
        ">1\r\n+message\r\n",
        "|1\r\n+key\r\n+value\r\n+OK\r\n",
        "$?\r\n;4\r\npart\r\n;0\r\n",
        "#t\r\n",
        ",1.5\r\n",
    ];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Read_PeerLies_IsProtocolViolation(string bytes)
    {
        var error = await Should.ThrowAsync<WireException>(() => ReadAsync(bytes));

        error.Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    /// <summary>Each string is within its limit; all of them together are not.</summary>
    [Fact]
    public async Task Read_ManyLongStrings_IsProtocolViolation()
    {
        var text = $"${RespReader.MaxString}\r\n{new string('x', RespReader.MaxString)}\r\n";

        var error = await Should.ThrowAsync<WireException>(() => ReadAsync(["*17\r\n", .. Enumerable.Repeat(text, 16), "$1\r\nx\r\n"]));

        error.Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    /// <summary>A line takes memory as a string does.</summary>
    [Fact]
    public async Task Read_ManyLongLines_IsProtocolViolation()
    {
        var line = $"+{new string('x', RespReader.MaxLine - 2)}\r\n";

        var error = await Should.ThrowAsync<WireException>(() => ReadAsync(["*1025\r\n", .. Enumerable.Repeat(line, 1025)]));

        error.Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Read_DeepestList_IsRead()
    {
        var bytes = string.Concat(Enumerable.Repeat("*1\r\n", RespReader.MaxDepth)) + "+OK\r\n";

        (await ReadAsync(bytes)).ShouldBeOfType<RespList>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("+O")]
    [InlineData("$5\r\nhel")]
    [InlineData("*2\r\n+one\r\n")]
    public async Task Read_ServerHangsUp_IsConnectionLost(string bytes)
    {
        using var deadline = Deadline();
        await using var server = new FakeRedis(bytes);
        server.HangUp();
        await using var client = await ConnectAsync(server, deadline.Token);

        var error = await Should.ThrowAsync<WireException>(async () => await client.ExecuteAsync(Ping, deadline.Token));

        error.Fault.ShouldBe(WireFault.ConnectionLost);
        error.MayHaveSent.ShouldBeTrue();
        client.IsUsable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("$5\r\nhel")]
    public async Task Read_ServerFallsSilent_IsTimedOut(string bytes)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await using var server = new FakeRedis(bytes);
        await using var client = await ConnectAsync(server, deadline.Token);

        var error = await Should.ThrowAsync<WireException>(async () => await client.ExecuteAsync(Ping, deadline.Token));

        error.Fault.ShouldBe(WireFault.TimedOut);
        client.IsUsable.ShouldBeFalse();
    }

    private static CancellationTokenSource Deadline() => new(TimeSpan.FromSeconds(20));

    private static ValueTask<RedisClient> ConnectAsync(FakeRedis server, CancellationToken cancel) =>
        RedisClient.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), cancel);

    /// <summary>Whatever the answer, it must come before the server hangs up: reading on would be a hang against a real liar.</summary>
    private static async Task<RespValue> ReadAsync(params string[] bytes)
    {
        using var deadline = Deadline();
        await using var server = new FakeRedis(bytes);
        await using var client = await ConnectAsync(server, deadline.Token);
        return await client.ExecuteAsync(Ping, deadline.Token);
    }
}
