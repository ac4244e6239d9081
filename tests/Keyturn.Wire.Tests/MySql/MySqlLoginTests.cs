using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Wire.Tests.MySql;

/// <summary>What a login does with servers that are not what they should be.</summary>
public sealed class MySqlLoginTests
{
    private static readonly byte[] FastAuthSuccess = [1, 3];
    private static readonly byte[] PerformFullAuthentication = [1, 4];

    [Fact]
    public async Task Login_NativePassword_AnswersTheChallengeAndIsAccepted()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.ReceiveAsync();
            await server.OkAsync();
        });

        (await server.LoginAsync()).Verdict.ShouldBe(LoginVerdict.Accepted);

        // Capabilities, packet limit, utf8mb4_general_ci, 23 zeros; then the user, the scramble and the plugin.
        var response = server.Packets.ShouldHaveSingleItem();
        response[..32].ShouldBe([0x01, 0xA2, 0x28, 0x00, 0xFF, 0xFF, 0xFF, 0x00, 45, .. new byte[23]]);
        response[32..36].ShouldBe([.. "app"u8, 0]);
        response[36].ShouldBe((byte)20);
        response[57..].ShouldBe([.. "mysql_native_password"u8, 0]);
        ProvesThePassword(response[37..57]).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1045)]
    [InlineData(3118)]
    public async Task Login_ServerRefuses_NamesItsCode(int code)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.ReceiveAsync();
            await server.ErrorAsync(code, "because");
        });

        (await server.LoginAsync()).ShouldBe(new LoginReply(LoginVerdict.Refused, $"{code}", "because"));
    }

    [Fact]
    public async Task Login_ErrorInPlaceOfTheGreeting_IsARefusalWithoutSqlState()
    {
        await using var server = new FakeMySqlServer(server => server.SendAsync([0xFF, 0x10, 0x04, .. "Too many connections"u8]));

        (await server.LoginAsync()).ShouldBe(new LoginReply(LoginVerdict.Refused, "1040", "Too many connections"));
    }

    [Theory]
    [InlineData("mysql_clear_password")]
    [InlineData("dialog")]
    [InlineData("mysql_old_password")]
    [InlineData("auth_gssapi_client")]
    public async Task Login_SwitchToAMethodNotSpoken_IsNoVerdictNamedAndSendsNoPassword(string plugin)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.ReceiveAsync();
            await server.SwitchAsync(plugin);
        });

        var reply = await server.LoginAsync();

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe(plugin);
        server.HasHeardThePassword.ShouldBeFalse();
    }

    [Fact]
    public async Task Login_ClearPasswordAskedForOverUnverifiedTls_SendsNone()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.StartTlsAsync();
            await server.ReceiveAsync();
            await server.SwitchAsync("mysql_clear_password");
        });

        (await server.LoginAsync(WireTlsMode.Require)).Verdict.ShouldBe(LoginVerdict.NoVerdict);
        server.HasHeardThePassword.ShouldBeFalse();
    }

    [Theory]
    [InlineData("caching_sha2_password")]
    [InlineData("sha256_password")]
    public async Task Login_PasswordItselfAskedForOverUnverifiedTls_SendsNoneAndNoKeyRequest(string plugin)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.StartTlsAsync();
            await server.ReceiveAsync();
            await server.SwitchAsync(plugin);
            await server.ReceiveAsync();
            await server.SendAsync(PerformFullAuthentication);
            await server.ReceiveAsync();
        });

        var reply = await server.LoginAsync(WireTlsMode.Require);

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe(plugin);
        server.HasHeardThePassword.ShouldBeFalse();
        server.Packets.ShouldNotContain(packet => packet.Length == 1);
    }

    [Fact]
    public async Task Login_FullAuthenticationWithoutTls_GivesThePasswordUnderTheServersKey()
    {
        using var key = RSA.Create(2048);
        await using var server = FullAuthentication([1, .. Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem())]);

        (await server.LoginAsync()).Verdict.ShouldBe(LoginVerdict.Accepted);

        server.Packets[1].ShouldBe([2]);
        var sent = key.Decrypt(server.Packets[2], RSAEncryptionPadding.OaepSHA1);
        sent.Select((letter, index) => (byte)(letter ^ FakeMySqlServer.Nonce[index % 20])).ShouldBe([.. Encoding.UTF8.GetBytes(FakeMySqlServer.Password), 0]);
    }

    [Fact]
    public async Task Login_PasswordTooLongForTheServersKey_IsNoVerdict()
    {
        using var key = RSA.Create(1024);
        await using var server = FullAuthentication([1, .. Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem())]);

        (await server.LoginAsync(password: new string('x', 200))).Verdict.ShouldBe(LoginVerdict.NoVerdict);
        server.Packets.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    [InlineData("no key at all")]
    [InlineData("")]
    public async Task Login_GarbageForAKey_IsAViolation(string pem)
    {
        await using var server = FullAuthentication([1, .. Encoding.ASCII.GetBytes(pem)]);

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_KeyThatNobodyCanEncryptUnder_IsAViolation()
    {
        using var key = RSA.Create(2048);
        var bytes = key.ExportSubjectPublicKeyInfo();

        // The modulus, before the five bytes of the exponent, becomes even.
        bytes[^6] &= 0xFE;
        await using var server = FullAuthentication([1, .. Encoding.ASCII.GetBytes(PemEncoding.WriteString("PUBLIC KEY", bytes))]);

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Login_Sha256ChallengeTooShort_IsAViolation(int length)
    {
        using var key = RSA.Create(2048);
        var pem = Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem());
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.ReceiveAsync();
            await server.SwitchAsync("sha256_password", new byte[length]);
            await server.ReceiveAsync();
            await server.SendAsync([1, .. pem]);
            await server.ReceiveAsync();
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_WeakKey_IsAViolation()
    {
        using var key = RSA.Create(512);
        await using var server = FullAuthentication([1, .. Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem())]);

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_ServerHasNoKey_IsNoVerdictAlthoughItSaysDenied()
    {
        await using var server = FullAuthentication([0xFF, 0x15, 0x04, .. "#28000Access denied"u8]);

        var reply = await server.LoginAsync();

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe("caching_sha2_password");
    }

    [Fact]
    public async Task Login_FastAuthentication_IsAccepted()
    {
        await using var server = CachingSha2(server => server.SendAsync(FastAuthSuccess));

        (await server.LoginAsync()).Verdict.ShouldBe(LoginVerdict.Accepted);
    }

    [Fact]
    public async Task Login_LetInWithoutALookAtTheScramble_IsNotAsked()
    {
        await using var server = CachingSha2(_ => Task.CompletedTask);

        (await server.LoginAsync()).Verdict.ShouldBe(LoginVerdict.NotAsked);
    }

    [Fact]
    public async Task Login_NoPasswordGivenAndLetIn_IsNotAsked()
    {
        await using var server = CachingSha2(_ => Task.CompletedTask);

        (await server.LoginAsync(password: "")).Verdict.ShouldBe(LoginVerdict.NotAsked);
    }

    [Fact]
    public async Task Login_MoreDataThanTheMethodHas_IsAViolation()
    {
        await using var server = CachingSha2(async server =>
        {
            await server.SendAsync(FastAuthSuccess);
            await server.SendAsync(PerformFullAuthentication);
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_EndlessSwitches_EndAsAViolation()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            while (true)
            {
                await server.ReceiveAsync();
                await server.SwitchAsync("mysql_native_password");
            }
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
        server.Packets.Count.ShouldBeLessThan(12);
    }

    [Theory]
    [InlineData("mysql_native_password", 0)]
    [InlineData("mysql_native_password", 8)]
    [InlineData("caching_sha2_password", 19)]
    [InlineData("client_ed25519", 20)]
    [InlineData("parsec", 20)]
    public async Task Login_ChallengeOfAnotherLength_IsAViolation(string plugin, int length)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.ReceiveAsync();
            await server.SwitchAsync(plugin, new byte[length]);
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_ServerWithoutTls_IsTlsUnavailableAndSendsNothing()
    {
        await using var server = new FakeMySqlServer(server => server.GreetAsync(capabilities: 0x0028A201));

        (await server.FaultAsync(WireTlsMode.VerifyFull)).ShouldBe(WireFault.TlsUnavailable);
        server.Packets.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(WireTlsMode.VerifyFull)]
    [InlineData(WireTlsMode.VerifyCa)]
    public async Task Login_OtherCertificate_IsTlsRejected(WireTlsMode mode)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.StartTlsAsync();
        });

        (await server.FaultAsync(mode)).ShouldBe(WireFault.TlsRejected);
        server.Packets.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Login_BytesSlippedInBeforeTls_AreAViolation()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            var greeting = FakeMySqlServer.Greeting();
            await server.SendRawAsync([(byte)greeting.Length, 0, 0, 0, .. greeting, 7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
            await server.HangAsync();
        });

        (await server.FaultAsync(WireTlsMode.Require)).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData(1, 0, 1, 0)] // 64 KiB and one, where a greeting has a hundred bytes
    [InlineData(0xFF, 0xFF, 0xFF, 0)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(10, 0, 0, 1)] // out of sequence
    public async Task Login_LyingHeader_IsAViolationAtOnce(byte low, byte middle, byte high, byte sequence)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.SendRawAsync(low, middle, high, sequence);
            await server.HangAsync();
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData(0x0028A801u)] // no protocol 4.1
    [InlineData(0x00282A01u)] // no secure connection
    [InlineData(0x0020AA01u)] // no plugins
    public async Task Login_ServerOfLongAgo_IsAViolation(uint capabilities)
    {
        await using var server = new FakeMySqlServer(server => server.GreetAsync(capabilities: capabilities));

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    public async Task Login_AnotherProtocol_IsAViolation(string text)
    {
        await using var server = new FakeMySqlServer(server => server.SendRawAsync(Encoding.ASCII.GetBytes(text)));

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_ServerHangsAfterTheGreeting_TimesOut()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.HangAsync();
        });

        (await server.FaultAsync(limit: TimeSpan.FromMilliseconds(200))).ShouldBe(WireFault.TimedOut);
    }

    [Fact]
    public async Task Login_ServerHangsInTheTlsHandshake_TimesOut()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await server.GreetAsync();
            await server.ReceiveAsync();
            await server.HangAsync();
        });

        (await server.FaultAsync(WireTlsMode.VerifyFull, TimeSpan.FromMilliseconds(200))).ShouldBe(WireFault.TimedOut);
    }

    private static FakeMySqlServer CachingSha2(Func<FakeMySqlServer, Task> afterScramble) => new(async server =>
    {
        await server.GreetAsync("caching_sha2_password");
        await server.ReceiveAsync();
        await afterScramble(server);
        await server.OkAsync();
    });

    private static FakeMySqlServer FullAuthentication(byte[] answerToKeyRequest) => CachingSha2(async server =>
    {
        await server.SendAsync(PerformFullAuthentication);
        await server.ReceiveAsync();
        await server.SendAsync(answerToKeyRequest);
        await server.ReceiveAsync();
    });

#pragma warning disable CA5350 // SHA-1 is what the protocol says.
    /// <summary>What a server makes of a scramble: SHA1(scramble XOR SHA1(nonce + stored)) has to be what it has stored.</summary>
    private static bool ProvesThePassword(byte[] scramble)
    {
        var stored = SHA1.HashData(SHA1.HashData(Encoding.UTF8.GetBytes(FakeMySqlServer.Password)));
        var mask = SHA1.HashData([.. FakeMySqlServer.Nonce, .. stored]);
        return SHA1.HashData([.. scramble.Select((letter, index) => (byte)(letter ^ mask[index]))]).SequenceEqual(stored);
    }
#pragma warning restore CA5350
}
