using Keyturn.Wire.Redis;

namespace Keyturn.Wire.Tests.Redis;

public sealed class RedisLoginTests : IDisposable
{
    private const string Auth = "*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$5\r\nNew-2\r\n";
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(20));

    [Fact]
    public async Task Run_RightPasswordOnly_IsAccepted()
    {
        var (reply, sent) = await LogInAsync("+OK\r\n-WRONGPASS no\r\n");

        reply.Verdict.ShouldBe(LoginVerdict.Accepted);
        sent.ShouldStartWith(Auth);
        sent[Auth.Length..].ShouldStartWith("*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$64\r\n");
        sent[Auth.Length..].ShouldNotContain("New-2");
    }

    [Fact]
    public async Task Run_AnyPassword_IsNotAsked() => (await LogInAsync("+OK\r\n+OK\r\n")).Reply.Verdict.ShouldBe(LoginVerdict.NotAsked);

    [Fact]
    public async Task Run_KnownToAsk_SendsOneAuthOnly()
    {
        var (reply, sent) = await LogInAsync("+OK\r\n", isKnownToAsk: true);

        reply.Verdict.ShouldBe(LoginVerdict.Accepted);
        sent.ShouldBe(Auth);
    }

    /// <summary>At most one login fails: after a refusal nothing more is sent.</summary>
    [Fact]
    public async Task Run_Refused_IsRefusedInTheServersWordsAndSendsNoMore()
    {
        var (reply, sent) = await LogInAsync("-WRONGPASS invalid username-password pair\r\n");

        reply.ShouldBe(new LoginReply(LoginVerdict.Refused, "WRONGPASS", "invalid username-password pair"));
        sent.ShouldBe(Auth);
    }

    [Theory]
    [InlineData("+PONG\r\n")]
    [InlineData(":1\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("*0\r\n")]
    public async Task Run_NeitherOkNorError_IsProtocolViolation(string answer) =>
        (await Should.ThrowAsync<WireException>(() => LogInAsync(answer))).Fault.ShouldBe(WireFault.ProtocolViolation);

    /// <summary>Redis, Valkey and others wait for the end of what they take for a command.</summary>
    [Fact]
    public async Task Connect_TlsAndTheServerIsSilent_TimesOutWithoutAPassword()
    {
        await using var server = new FakeRedis();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        var error = await Should.ThrowAsync<WireException>(
            async () => await RedisClient.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.VerifyFull), deadline.Token));

        error.Fault.ShouldBe(WireFault.TimedOut);
    }

    [Fact]
    public async Task Connect_TlsAndTheServerSpeaksPlain_IsTlsRejected()
    {
        await using var server = new FakeRedis("-ERR max number of clients reached\r\n");
        server.HangUp();

        var error = await Should.ThrowAsync<WireException>(
            async () => await RedisClient.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.VerifyFull), _deadline.Token));

        error.Fault.ShouldBe(WireFault.TlsRejected);
    }

    public void Dispose() => _deadline.Dispose();

    private async Task<(LoginReply Reply, string Sent)> LogInAsync(string answers, bool isKnownToAsk = false)
    {
        await using var server = new FakeRedis(answers);
        LoginReply reply;
        await using (var client = await RedisClient.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), _deadline.Token))
        {
            reply = await RedisLogin.RunAsync(client, "app", "New-2", isKnownToAsk, _deadline.Token);
        }

        return (reply, await server.HearAsync(_deadline.Token));
    }
}
