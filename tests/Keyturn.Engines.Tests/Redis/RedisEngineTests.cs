using System.Globalization;
using Keyturn.Engines.Redis;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.Tests.Redis;

namespace Keyturn.Engines.Tests.Redis;

/// <summary>What the engine makes of servers that break off, lie or talk too much. Honest ones are in the live tests.</summary>
public sealed class RedisEngineTests : IAsyncDisposable
{
    private const string Info = "redis_version:7.0.15\r\nrun_id:8454b93a\r\nconfig_file:/etc/redis.conf\r\n";
    private const string Greeting = "+OK\r\n%1\r\n+id\r\n:7\r\n";
    private const string Settings = "*2\r\n$7\r\naclfile\r\n$0\r\n\r\n*2\r\n$10\r\nmasteruser\r\n$0\r\n\r\n";
    private const string Canary = "Canary-2";

    private static readonly RedisEngine Engine = RedisEngine.Redis(TimeProvider.System);
    private static readonly AccountName App = new("app");
    private readonly FakeRedis _server = new();
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(20));

    [Fact]
    public async Task Connect_HonestServer_IsASession()
    {
        var answer = await ConnectAsync(Greeting + Bulk(Info) + Bulk("role:master\r\n") + Settings);

        answer.Value.ShouldNotBeNull().Session.ShouldBe(new ServerSession("7", "8454b93a"));
    }

    [Theory]
    [InlineData("redis_version:7.0.15\r\n")]
    [InlineData("run_id:8454b93a\r\n")]
    [InlineData("")]
    public async Task Connect_InfoWithoutWhatTellsSessionsApart_IsProtocolViolation(string info) =>
        (await ConnectAsync(Greeting + Bulk(info) + Bulk("") + Settings)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);

    [Theory]
    [InlineData("+OK\r\n*0\r\n")]
    [InlineData("+OK\r\n+id\r\n")]
    public async Task Connect_HelloWithoutAnId_IsProtocolViolation(string greeting) =>
        (await ConnectAsync(greeting + Bulk(Info) + Bulk("") + Settings)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);

    [Theory]
    [InlineData("-LOADING Redis is loading the dataset in memory\r\n", EngineError.Busy)]
    [InlineData("-DENIED Redis is running in protected mode\r\n", EngineError.LoginNotPermitted)]
    [InlineData("-ERR max number of clients reached\r\n", EngineError.ConnectionLimit)]
    [InlineData("-ERR wrong number of arguments for 'auth' command\r\n", EngineError.ServerError)]
    public async Task TryLogin_RefusedForAnotherReason_IsNoVerdict(string answer, EngineError error)
    {
        _server.Say(answer);

        var login = await Engine.TryLoginAsync(Target(), new Credential(App, new Secret(Canary)), derived: null, _deadline.Token);

        login.Login.ShouldBe(Login.NoVerdict);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(error);
    }

    [Fact]
    public async Task SetPassword_ServerHangsUpAfterIt_IsUnknownAndTheSessionIsNotUsedAgain()
    {
        await using var admin = await InspectedAsync();
        _server.HangUp();

        var change = await admin.SetPasswordAsync(new PasswordChange(App, new Secret(Canary)), _deadline.Token);
        var again = await admin.SetPasswordAsync(new PasswordChange(App, new Secret(Canary)), _deadline.Token);

        change.Change.ShouldBe(Change.Unknown);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ConnectionLost);
        admin.IsUsable.ShouldBeFalse();
        again.Change.ShouldBe(Change.NotSent);
    }

    [Theory]
    [InlineData(":1\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    public async Task SetPassword_AnswerIsNone_IsUnknown(string answer)
    {
        await using var admin = await InspectedAsync();
        _server.Say(answer);

        var change = await admin.SetPasswordAsync(new PasswordChange(App, new Secret(Canary)), _deadline.Token);

        change.Change.ShouldBe(Change.Unknown);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
    }

    /// <summary>The servers repeat the rule that they refuse; here it is followed by the reading that looks whether the user has changed.</summary>
    [Fact]
    public async Task SetPassword_ServerRepeatsWhatItWasSent_TheDetailDoesNot()
    {
        await using var admin = await InspectedAsync();
        _server.Say($"-ERR Error in ACL SETUSER modifier '>{Canary}': Syntax error\r\n" + User);

        var change = await admin.SetPasswordAsync(new PasswordChange(App, new Secret(Canary)), _deadline.Token);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Detail.ShouldNotContain(Canary);
    }

    [Fact]
    public async Task SetPassword_PasswordsChangeWithEveryLook_IsBusy()
    {
        await using var admin = await InspectedAsync();
        var refusal = "-ERR Error in ACL SETUSER modifier\r\n";
        _server.Say(refusal + UserWith("b") + UserWith("b") + refusal + UserWith("c") + UserWith("c") + refusal + UserWith("d"));

        var change = await admin.SetPasswordAsync(new PasswordChange(App, new Secret(Canary)), _deadline.Token);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Busy);
    }

    [Fact]
    public async Task EndSession_StillListed_IsNotProvedWhenTheDeadlinePasses()
    {
        await using var admin = await InspectedAsync();
        _server.Say(":0\r\n" + string.Concat(Enumerable.Repeat(Bulk("id=5 addr=127.0.0.1:1\n"), 200)));
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        var end = await admin.EndSessionAsync(admin.Session with { Id = "5" }, soon.Token);

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.TimedOut);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _deadline.Dispose();
    }

    private static string User => UserWith("a");

    private static string UserWith(string hash) => $"%2\r\n+flags\r\n~1\r\n+on\r\n+passwords\r\n*1\r\n{Bulk(hash)}";

    private static string Bulk(string text) => string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");

    private Target Target() => new(
        new Node("127.0.0.1", _server.Port), new TlsSettings { Mode = TlsMode.Disable }, SendMode.Verifier, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));

    private async Task<Answer<IAdminSession>> ConnectAsync(string answers)
    {
        _server.Say(answers);
        return await Engine.ConnectAsync(Target(), new Credential(new AccountName("keyturn"), new Secret("Admin-1")), _deadline.Token);
    }

    /// <summary>A session that has seen the user, with the password "a" and all rights to change it.</summary>
    private async Task<IAdminSession> InspectedAsync()
    {
        var connected = await ConnectAsync(Greeting + Bulk(Info) + Bulk("role:master\r\n") + Settings);
        var admin = connected.Value.ShouldNotBeNull();
        _server.Say(User + string.Concat(Enumerable.Repeat("+OK\r\n", 5)));
        var inspection = await admin.InspectAsync(App, _deadline.Token);
        inspection.Value.ShouldNotBeNull().MayChangePassword.ShouldBe(true);
        return admin;
    }
}
