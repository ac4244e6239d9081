using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Keyturn.Wire.MongoDb;
using Keyturn.Wire.Redis;
using Keyturn.Wire.Tests.PostgreSql;

namespace Keyturn.Wire.Tests;

/// <summary>Servers that speak TLS from the first byte on, and are not whom we look for, or say nothing more.</summary>
public sealed class HostileTlsTests : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<byte[]> _heard;

    public HostileTlsTests()
    {
        _listener.Start();
        _heard = HearAsync();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    [Theory]
    [InlineData("redis", WireTlsMode.VerifyFull)]
    [InlineData("redis", WireTlsMode.VerifyCa)]
    [InlineData("mongodb", WireTlsMode.VerifyFull)]
    [InlineData("mongodb", WireTlsMode.VerifyCa)]
    public async Task Connect_AnotherCertificate_IsTlsRejectedAndTellsNothing(string protocol, WireTlsMode mode)
    {
        (await FaultAsync(protocol, mode, TimeSpan.FromSeconds(20))).ShouldBe(WireFault.TlsRejected);

        (await _heard).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("mongodb")]
    public async Task Command_SilenceAfterTheHandshake_TimesOut(string protocol) =>
        (await FaultAsync(protocol, WireTlsMode.Require, TimeSpan.FromMilliseconds(500))).ShouldBe(WireFault.TimedOut);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _heard;
    }

    private async Task<WireFault> FaultAsync(string protocol, WireTlsMode mode, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        return (await Should.ThrowAsync<WireException>(() => SpeakAsync(protocol, new WireTls(mode), deadline.Token))).Fault;
    }

    private async Task SpeakAsync(string protocol, WireTls tls, CancellationToken cancel)
    {
        if (protocol == "redis")
        {
            await using var client = await RedisClient.ConnectAsync("127.0.0.1", Port, tls, cancel);
            await client.ExecuteAsync(new RespCommand("AUTH", "app", "sesame"), cancel);
        }
        else
        {
            await using var connection = await MongoDbConnection.ConnectAsync("127.0.0.1", Port, tls, cancel);
            await connection.RunAsync("admin", new BsonDocument { { "hello", 1 } }, cancel);
        }
    }

    /// <summary>All that comes out of TLS until the client leaves.</summary>
    private async Task<byte[]> HearAsync()
    {
        using var heard = new MemoryStream();
        try
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(FakePostgreSql.Certificate);
            await tls.CopyToAsync(heard);
        }
        catch (Exception error) when (error is IOException or AuthenticationException or SocketException or ObjectDisposedException)
        {
            // The client would not have us.
        }

        return heard.ToArray();
    }
}
