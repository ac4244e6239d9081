using System.Text;
using Keyturn.Wire.MySql.Authentication;

namespace Keyturn.Wire.Tests.MySql;

/// <summary>MariaDB's parsec, with what MariaDB 11.8 stored.</summary>
public sealed class ParsecTests
{
    private static readonly byte[] Scramble = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    private static readonly byte[] Salt = Convert.FromBase64String("K89fYQP/2e35VUVl1e6Qr2cs");

    /// <summary>Written by MariaDB 11.8.9 for IDENTIFIED VIA parsec USING PASSWORD(…).</summary>
    [Theory]
    [InlineData("Old-1 canary", "K89fYQP/2e35VUVl1e6Qr2cs", "YoZyRU5yPZYpZM3dzIBOoyoiqfimy5e/yv42dDYtBGY=")]
    [InlineData("Old-1", "tLQp+9e19kHxf7yS6m6vX6kT", "z/HgT0rYcMUQzkHH5ImgVx45vloOgWw4MFnR5LQyBiQ=")]
    [InlineData("", "yjJnslwA3CQ/fhz2nc+9fpLf", "t417jRid1kUhKxZ5zj379kun0Wib2/Lg3K3MkVpIccw=")]
    public void Key_PasswordAndSalt_IsWhatMariaDbStores(string password, string salt, string key) =>
        Convert.ToBase64String(Parsec.Key(Encoding.UTF8.GetBytes(password), Convert.FromBase64String(salt), exponent: 0).PublicKey).ShouldBe(key);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Login_Parsec_AsksForTheSaltAndSignsBothScrambles(byte exponent)
    {
        await using var server = Server([1, (byte)'P', exponent, .. Salt]);

        (await server.LoginAsync()).Verdict.ShouldBe(LoginVerdict.Accepted);

        server.Packets[1].ShouldBeEmpty();
        var answer = server.Packets[2];
        answer.Length.ShouldBe(96);
        var key = Parsec.Key(Encoding.UTF8.GetBytes(FakeMySqlServer.Password), Salt, exponent);
        answer[32..].ShouldBe(key.Sign([.. Scramble, .. answer[..32]]));
        server.HasHeardThePassword.ShouldBeFalse();
    }

    [Fact]
    public async Task Login_Twice_SignsAnotherScrambleOfItsOwn()
    {
        await using var one = Server([1, (byte)'P', 0, .. Salt]);
        await using var other = Server([1, (byte)'P', 0, .. Salt]);

        await one.LoginAsync();
        await other.LoginAsync();

        one.Packets[2][..32].ShouldNotBe(other.Packets[2][..32]);
    }

    [Theory]
    [InlineData('P', 4, 18)] // more rounds than any server has
    [InlineData('P', 0, 17)]
    [InlineData('P', 0, 19)]
    public async Task Login_DerivationNotSpoken_IsNoVerdictAndSendsNoAnswer(char algorithm, byte exponent, int saltLength)
    {
        await using var server = Server([1, (byte)algorithm, exponent, .. new byte[saltLength]]);

        var reply = await server.LoginAsync();

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe("parsec");
        server.Packets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Login_NoExtendedSalt_IsAViolation()
    {
        await using var server = Server([1, (byte)'Q', 0, .. Salt]);

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_SecondSalt_IsAViolation()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await BeginAsync(server);
            await server.SendAsync([1, (byte)'P', 0, .. Salt]);
            await server.ReceiveAsync();
            await server.SendAsync([1, (byte)'P', 0, .. Salt]);
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Login_LetInBeforeTheSignature_IsNotAsked()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await BeginAsync(server);
            await server.OkAsync();
        });

        (await server.LoginAsync()).Verdict.ShouldBe(LoginVerdict.NotAsked);
    }

    /// <summary>What MariaDB 11.8 does over TLS, with alternatives and for names that it does not know.</summary>
    [Theory]
    [InlineData("mysql_native_password")]
    [InlineData("parsec")]
    public async Task Login_ClosedAfterParsecAndASwitch_IsNoVerdict(string next)
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await BeginAsync(server);
            await server.SendAsync([1, (byte)'P', 0, .. Salt]);
            await server.ReceiveAsync();
            await server.SwitchAsync(next, next == "parsec" ? Scramble : null);
            await server.ReceiveAsync();
            await server.CloseAsync();
        });

        var reply = await server.LoginAsync();

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe(next);
    }

    [Fact]
    public async Task Login_ClosedInParsecItself_IsALostConnection()
    {
        await using var server = new FakeMySqlServer(async server =>
        {
            await BeginAsync(server);
            await server.CloseAsync();
        });

        (await server.FaultAsync()).ShouldBe(WireFault.ConnectionLost);
    }

    private static FakeMySqlServer Server(byte[] extendedSalt) => new(async server =>
    {
        await BeginAsync(server);
        await server.SendAsync(extendedSalt);
        await server.ReceiveAsync();
        await server.OkAsync();
    });

    private static async Task BeginAsync(FakeMySqlServer server)
    {
        await server.GreetAsync();
        await server.ReceiveAsync();
        await server.SwitchAsync("parsec", Scramble);
        await server.ReceiveAsync();
    }
}
