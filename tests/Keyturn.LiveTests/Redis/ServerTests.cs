using Keyturn.Engines;
using Keyturn.Engines.Redis;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>What connecting tells, and what is in its way.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class ServerTests : RedisLiveTest
{
    [Fact]
    public async Task Connect_ValkeyRegisteredAsRedis_NamesTheRightEngine()
    {
        var server = Lab.Server("valkey-9");

        var answer = await RedisEngine.Redis(TimeProvider.System).ConnectAsync(Lab.Target(server), server.Admin.Credential, Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Unsupported);
        answer.Failure.Detail.ShouldContain("Valkey 9.");
        answer.Failure.Detail.ShouldContain("engine valkey");
    }

    [Fact]
    public async Task Connect_RedisRegisteredAsValkey_NamesTheRightEngine()
    {
        var server = Lab.Server("redis-7");

        var answer = await RedisEngine.Valkey(TimeProvider.System).ConnectAsync(Lab.Target(server), server.Admin.Credential, Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Unsupported);
        answer.Failure.Detail.ShouldContain("engine redis");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Connect_Identity_IsTheAddress(string name)
    {
        var server = Lab.Server(name);
        await using var admin = await ConnectAsync(server);

        admin.Server.Identity.ShouldBe($"{server.Host}:{server.Port}");
        admin.Server.Product.ShouldBe(name.StartsWith("valkey", StringComparison.Ordinal) ? "Valkey" : "Redis");
        admin.Server.Remarks.ShouldBeEmpty();
    }

    /// <summary>The server takes the handshake for a command and waits for its end.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Connect_TlsToThePlainPort_TimesOut(string name)
    {
        var server = Lab.Server(name);
        var target = Lab.Target(server, port: server.PlainPort) with { ConnectLimit = TimeSpan.FromMilliseconds(500) };

        var answer = await EngineOf(server).ConnectAsync(target, server.Admin.Credential, Cancel);
        var login = await LoginAsync(server, server.Admin.User, server.Admin.Password, target: target);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.TimedOut);
        login.ShouldBe(Login.Unreachable);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Connect_PlainToTheTlsPort_IsConnectionLost(string name)
    {
        var server = Lab.Server(name);
        var target = Lab.Target(server, new TlsSettings { Mode = TlsMode.Disable });

        var answer = await EngineOf(server).ConnectAsync(target, server.Admin.Credential, Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBeOneOf(EngineError.ConnectionLost, EngineError.ProtocolViolation);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Connect_WithoutTls_RemarksThatAuthIsClear(string name)
    {
        var server = Lab.Server(name);
        await using var admin = await ConnectAsync(server, target: Plain(server));

        admin.Server.TlsProtocol.ShouldBeNull();
        admin.Server.Remarks.ShouldContain(remark => remark.Contains("AUTH"));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_ClearWithoutVerifiedTls_IsNotSent(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        foreach (var target in new[] { Plain(server), Lab.Target(server, new TlsSettings { Mode = TlsMode.Require }) })
        {
            await using var admin = await ConnectAsync(server, target: target with { Send = SendMode.Clear });

            var change = await admin.SetPasswordAsync(Change(user, "New-2") with { CreateIfMissing = true }, Cancel);

            change.Change.ShouldBe(Engines.Change.NotSent);
            change.Failure!.Error.ShouldBe(EngineError.SendModeRefused);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task SetPassword_ClearOverVerifiedTls_IsThePassword(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        await using var admin = await ConnectAsync(server, target: Lab.Target(server, send: SendMode.Clear));

        (await admin.SetPasswordAsync(Change(user, "Old #1 > ü") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
        (await admin.SetPasswordAsync(Change(user, "New #2 > ü"), Cancel)).ShouldBeApplied();

        (await LoginAsync(server, user, "Old #1 > ü")).ShouldBe(Login.WrongPassword);
        (await LoginAsync(server, user, "New #2 > ü")).ShouldBe(Login.Accepted);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Unauthenticated_Command_IsNoAuth(string name)
    {
        var server = Lab.Server(name);
        await using var client = await RedisClient.ConnectAsync(server.Host, server.PlainPort, new WireTls(WireTlsMode.Disable), Cancel);

        (await ErrorAsync(client, "PING")).Code.ShouldBe("NOAUTH");
    }

    private static Target Plain(LabServer server) => Lab.Target(server, new TlsSettings { Mode = TlsMode.Disable }, server.PlainPort);
}
