using System.Text;
using Keyturn.Wire.PostgreSql;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.PostgreSql;

/// <summary>Servers that lie, stall or never end.</summary>
public sealed class HostilePostgreSqlTests
{
    private static ScramKeys Keys { get; } = ScramKeys.Derive("sesame"u8, [1, 2, 3, 4], 4096);

    [Theory]
    [InlineData("52 7F FF FF FF")] // a message of 2 GB
    [InlineData("52 00 01 00 05")] // one byte over the limit
    [InlineData("52 00 00 00 03")] // shorter than its own length
    [InlineData("52 FF FF FF FF")] // negative
    [InlineData("52 00 00 00 04")] // an authentication message without a kind
    [InlineData("52 00 00 00 0A 00 00 00 05 01 02")] // a short MD5 salt
    [InlineData("52 00 00 00 08 00 00 00 0B")] // SASL continued before it began
    [InlineData("5A 00 00 00 05 49")] // ready before the login
    [InlineData("44 00 00 00 06 00 00")] // a row of a result
    [InlineData("48 54 54 50 2F 31 2E 31 20 34 30 30")] // HTTP/1.1 400
    [InlineData("45 00 00 00 07 43 32 38")] // an error's field without an end
    [InlineData("45 00 00 00 05 00")] // an error without a code
    public async Task TryAsync_MessageThatIsNone_IsProtocolViolation(string hex)
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.WriteAsync(Convert.FromHexString(hex.Replace(" ", "")));
            await peer.ReadToEndAsync();
        });

        (await FaultAsync(server)).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("52 00 00")]
    [InlineData("52 00 00 00 0C 00 00")]
    public async Task TryAsync_ConnectionEndsInAMessage_IsConnectionLost(string hex)
    {
        await using var server = FakePostgreSql.Started(peer => peer.WriteAsync(Convert.FromHexString(hex.Replace(" ", ""))));

        (await FaultAsync(server)).ShouldBe(WireFault.ConnectionLost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryAsync_ServerSaysNothing_TimesOut(bool duringTls)
    {
        await using var server = duringTls
            ? FakePostgreSql.Raw(async peer =>
            {
                await peer.WriteAsync([(byte)'S']);
                await peer.ReadToEndAsync();
            })
            : FakePostgreSql.Started(peer => peer.ReadToEndAsync());

        (await FaultAsync(server, new WireTls(duringTls ? WireTlsMode.Require : WireTlsMode.Disable), milliseconds: 200)).ShouldBe(WireFault.TimedOut);
    }

    [Fact]
    public async Task TryAsync_NoticesWithoutEnd_IsProtocolViolation()
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await peer.SendAsync('N', [.. "Mhello\0\0"u8]);
            }

            await peer.ReadToEndAsync();
        });

        (await FaultAsync(server)).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData("S then plain bytes")]
    [InlineData("E")]
    [InlineData("\0")]
    public async Task TryAsync_AnswerToTheRequestForTlsIsNone_IsProtocolViolation(string answer)
    {
        await using var server = FakePostgreSql.Raw(async peer =>
        {
            await peer.ReadStartupAsync();
            await peer.WriteAsync(Encoding.ASCII.GetBytes(answer));
            await peer.ReadToEndAsync();
        });

        (await FaultAsync(server, new WireTls(WireTlsMode.Require))).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData("r=,s=AQIDBA==,i=4096")]
    [InlineData("r={nonce},s=AQIDBA==,i=2000000000")]
    [InlineData("r={nonce},s=AQIDBA==,i=2147483648")]
    [InlineData("r={nonce},s=AQIDBA==,i=0")]
    [InlineData("r={nonce},s=AQIDBA==,i=-1")]
    public async Task TryAsync_ScramChallengeThatIsNone_IsProtocolViolation(string challenge)
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.AuthenticationAsync(10, [.. "SCRAM-SHA-256\0\0"u8]);
            var first = Encoding.ASCII.GetString((await peer.ReadAsync()).Body);
            var nonce = first[(first.IndexOf("r=", StringComparison.Ordinal) + 2)..] + "x";
            await peer.AuthenticationAsync(11, Encoding.ASCII.GetBytes(challenge.Replace("{nonce}", nonce)));
            await peer.ReadToEndAsync();
        });

        (await FaultAsync(server)).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task TryAsync_ServerWithAnotherServerKey_IsProtocolViolation()
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.AuthenticationAsync(10, [.. "SCRAM-SHA-256\0\0"u8]);
            var first = Encoding.ASCII.GetString((await peer.ReadAsync()).Body);
            var nonce = first[(first.IndexOf("r=", StringComparison.Ordinal) + 2)..] + "x";
            await peer.AuthenticationAsync(11, Encoding.ASCII.GetBytes($"r={nonce},s=AQIDBA==,i=4096"));
            await peer.ReadAsync();
            await peer.AuthenticationAsync(12, [.. "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="u8]);
            await peer.WelcomeAsync();
        });

        (await FaultAsync(server)).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task TryAsync_ServerSkipsItsOwnProof_IsProtocolViolation()
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.AuthenticationAsync(10, [.. "SCRAM-SHA-256\0\0"u8]);
            await peer.ReadAsync();
            await peer.WelcomeAsync();
        });

        (await FaultAsync(server)).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task TryAsync_ServerAsksForTheClearPasswordAfterScram_IsProtocolViolation()
    {
        await using var server = FakePostgreSql.Encrypted(async peer =>
        {
            await peer.ScramAsync(Keys, "SCRAM-SHA-256");
            await peer.AuthenticationAsync(3);
            (await peer.ReadToEndAsync()).ShouldBeEmpty();
        });

        var verified = new WireTls(WireTlsMode.VerifyFull, [FakePostgreSql.Certificate], "localhost");
        (await FaultAsync(server, verified)).ShouldBe(WireFault.ProtocolViolation);
        await server.EndAsync();
    }

    private static async Task<WireFault> FaultAsync(FakePostgreSql server, WireTls? tls = null, int milliseconds = 10_000)
    {
        using var deadline = new CancellationTokenSource(milliseconds);
        var request = new PostgreSqlLoginRequest("127.0.0.1", server.Port, tls ?? new WireTls(WireTlsMode.Disable), "app", "sesame");
        return (await Should.ThrowAsync<WireException>(async () => await PostgreSqlLogin.TryAsync(request, deadline.Token))).Fault;
    }
}
