using System.Security.Cryptography;
using System.Text;
using Keyturn.Wire.PostgreSql;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.PostgreSql;

public sealed class PostgreSqlLoginTests
{
    private const string Password = "sesame";
    private static readonly WireTls NoTls = new(WireTlsMode.Disable);
    private static readonly WireTls Verified = new(WireTlsMode.VerifyFull, [FakePostgreSql.Certificate], "localhost");

    private static ScramKeys Keys { get; } = ScramKeys.Derive(Encoding.UTF8.GetBytes(Password), [1, 2, 3, 4], 4096);

    [Fact]
    public async Task TryAsync_Scram_IsAcceptedAndTheClientLeavesInOrder()
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.ScramAsync(Keys, "SCRAM-SHA-256");
            await peer.WelcomeAsync();
            (await peer.ReadAsync()).Tag.ShouldBe('X');
        });

        var reply = await TryAsync(server);

        reply.ShouldBe(new LoginReply(LoginVerdict.Accepted) { IsPasswordProved = true });
        await server.EndAsync();
    }

    [Fact]
    public async Task TryAsync_StartupMessage_NamesRoleAndDatabase()
    {
        var startup = "";
        await using var server = FakePostgreSql.Raw(async peer =>
        {
            startup = Encoding.UTF8.GetString(await peer.ReadStartupAsync());
            await peer.ErrorAsync("28P01", "no");
        });

        await TryAsync(server);

        startup.ShouldStartWith("\0\u0003\0\0user\0app\0database\0postgres\0");
        startup.ShouldEndWith("\0\0");
    }

    [Fact]
    public async Task TryAsync_ScramPlusOverTls_IsBoundToTheCertificate()
    {
        (string Mechanism, byte[] Binding) said = default;
        await using var server = FakePostgreSql.Encrypted(async peer =>
        {
            said = await peer.ScramAsync(Keys, "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256");
            await peer.WelcomeAsync();
        });

        (await TryAsync(server, Verified)).Verdict.ShouldBe(LoginVerdict.Accepted);

        said.Mechanism.ShouldBe("SCRAM-SHA-256-PLUS");
        said.Binding.ShouldBe([.. "p=tls-server-end-point,,"u8, .. SHA384.HashData(FakePostgreSql.Certificate.RawData)]);
    }

    [Fact]
    public async Task TryAsync_ScramOverTlsWithoutPlus_SaysThatWeCouldHaveBound()
    {
        (string Mechanism, byte[] Binding) said = default;
        await using var server = FakePostgreSql.Encrypted(async peer =>
        {
            said = await peer.ScramAsync(Keys, "SCRAM-SHA-256");
            await peer.WelcomeAsync();
        });

        (await TryAsync(server, Verified)).Verdict.ShouldBe(LoginVerdict.Accepted);

        said.Mechanism.ShouldBe("SCRAM-SHA-256");
        said.Binding.ShouldBe("y,,"u8.ToArray());
    }

    [Fact]
    public async Task TryAsync_Md5_IsTheSaltedHash()
    {
        var answer = "";
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.AuthenticationAsync(5, 1, 2, 3, 4);
            answer = Encoding.ASCII.GetString((await peer.ReadAsync()).Body);
            await peer.WelcomeAsync();
        });

        (await TryAsync(server)).Verdict.ShouldBe(LoginVerdict.Accepted);

        answer.ShouldBe("md5d3e5b6ebf597bdad80b0470c035e2b39\0");
    }

    [Theory]
    [InlineData(WireTlsMode.Disable)]
    [InlineData(WireTlsMode.Require)]
    public async Task TryAsync_ClearPasswordAskedWithoutVerifiedTls_SendsNone(WireTlsMode mode)
    {
        byte[] sent = [];
        async Task Ask(FakePeer peer)
        {
            await peer.AuthenticationAsync(3);
            sent = await peer.ReadToEndAsync();
        }

        await using var server = mode == WireTlsMode.Disable ? FakePostgreSql.Started(Ask) : FakePostgreSql.Encrypted(Ask);

        var reply = await TryAsync(server, new WireTls(mode));

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe("password");
        await server.EndAsync();
        Encoding.UTF8.GetString(sent).ShouldBe("X\0\0\0\u0004");
    }

    [Fact]
    public async Task TryAsync_ClearPasswordAskedOverVerifiedTls_IsSent()
    {
        var answer = "";
        await using var server = FakePostgreSql.Encrypted(async peer =>
        {
            await peer.AuthenticationAsync(3);
            answer = Encoding.UTF8.GetString((await peer.ReadAsync()).Body);
            await peer.WelcomeAsync();
        });

        (await TryAsync(server, Verified)).Verdict.ShouldBe(LoginVerdict.Accepted);

        answer.ShouldBe($"{Password}\0");
    }

    [Fact]
    public async Task TryAsync_LetInWithoutBeingAsked_IsNotAsked()
    {
        await using var server = FakePostgreSql.Started(peer => peer.WelcomeAsync());

        (await TryAsync(server)).Verdict.ShouldBe(LoginVerdict.NotAsked);
    }

    [Theory]
    [InlineData(2, "KerberosV5")]
    [InlineData(7, "Gss")]
    [InlineData(9, "Sspi")]
    [InlineData(99, "99")]
    public async Task TryAsync_OtherMethod_IsNoVerdictAndNamed(int kind, string name)
    {
        await using var server = FakePostgreSql.Started(peer => peer.AuthenticationAsync(kind));

        var reply = await TryAsync(server);

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe(name);
    }

    [Fact]
    public async Task TryAsync_OtherSaslMechanisms_AreNoVerdictAndNamed()
    {
        await using var server = FakePostgreSql.Started(peer => peer.AuthenticationAsync(10, [.. "OAUTHBEARER\0SCRAM-SHA-1\0\0"u8]));

        (await TryAsync(server)).ShouldBe(new LoginReply(
            LoginVerdict.NoVerdict, "OAUTHBEARER,SCRAM-SHA-1", "the server asks for OAUTHBEARER,SCRAM-SHA-1, which is not spoken here"));
    }

    [Fact]
    public async Task TryAsync_RefusedBeforeTheEnd_IsNotProved()
    {
        await using var server = FakePostgreSql.Started(peer => peer.ErrorAsync("28P01", "no"));

        (await TryAsync(server)).ShouldBe(new LoginReply(LoginVerdict.Refused, "28P01", "no"));
    }

    [Fact]
    public async Task TryAsync_RefusedAfterAuthentication_IsProved()
    {
        await using var server = FakePostgreSql.Started(async peer =>
        {
            await peer.ScramAsync(Keys, "SCRAM-SHA-256");
            await peer.AuthenticationAsync(0);
            await peer.ErrorAsync("28000", "not permitted to log in");
        });

        (await TryAsync(server)).ShouldBe(new LoginReply(LoginVerdict.Refused, "28000", "not permitted to log in") { IsPasswordProved = true, IsPasswordSent = true });
    }

    /// <summary>A proxy with nothing behind it has judged no password.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryAsync_ServerHangsUp_SaysWhetherItMayHaveThePassword(bool hasAsked)
    {
        await using var server = FakePostgreSql.Started(peer => hasAsked ? peer.ScramAsync(Keys, "SCRAM-SHA-256") : Task.CompletedTask);

        var fault = await Should.ThrowAsync<WireException>(() => TryAsync(server));

        (fault.Fault, fault.MayHaveSentPassword).ShouldBe((WireFault.ConnectionLost, hasAsked));
    }

    [Fact]
    public async Task TryAsync_ServerOffersNoTls_IsTlsUnavailable()
    {
        await using var server = FakePostgreSql.Raw(async peer =>
        {
            await peer.ReadStartupAsync();
            await peer.WriteAsync([(byte)'N']);
            await peer.ReadToEndAsync();
        });

        (await ShouldThrowAsync(server, Verified)).Fault.ShouldBe(WireFault.TlsUnavailable);
    }

    [Fact]
    public async Task TryAsync_CertificateOfAnotherName_IsTlsRejected()
    {
        await using var server = FakePostgreSql.Encrypted(_ => Task.CompletedTask);

        (await ShouldThrowAsync(server, Verified with { ServerName = "other.example" })).Fault.ShouldBe(WireFault.TlsRejected);
    }

    [Theory]
    [InlineData("a\0b", Password)]
    [InlineData("app", "ses\0ame")]
    public async Task TryAsync_Nul_IsRefusedBeforeAnythingIsSent(string user, string password) =>
        await Should.ThrowAsync<ArgumentException>(async () =>
            await PostgreSqlLogin.TryAsync(new PostgreSqlLoginRequest("127.0.0.1", 1, NoTls, user, password), CancellationToken.None));

    private static async Task<LoginReply> TryAsync(FakePostgreSql server, WireTls? tls = null)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await PostgreSqlLogin.TryAsync(new PostgreSqlLoginRequest("127.0.0.1", server.Port, tls ?? NoTls, "app", Password), deadline.Token);
    }

    private static Task<WireException> ShouldThrowAsync(FakePostgreSql server, WireTls tls) =>
        Should.ThrowAsync<WireException>(() => TryAsync(server, tls));
}
