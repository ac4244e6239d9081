using System.Net;
using System.Net.Sockets;
using Keyturn.Engines;
using Keyturn.Engines.MongoDb;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>The engine against a STAND-IN (no MongoDB) that behaves in one way or another: older, forbidding, broken, not the primary.</summary>
[OnServer("mongodb-stand-in")]
public sealed class StandInBehaviourTests : IAsyncLifetime
{
    private static readonly AccountName App = new("app");
    private readonly MongoDbEngine _engine = new(TimeProvider.System);
    private StandInMongoDb _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private StandInKnobs Knobs => _server.Knobs;

    public ValueTask InitializeAsync()
    {
        _server = StandInMongoDb.Plain();
        _server.Add("admin", "app", "Old-1");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>As FerretDB 1.24 was seen to answer: nothing along with the greeting, an empty message to end with, no id of its process.</summary>
    [Fact]
    public async Task Reset_ServerThatAnswersLikeFerretDb1_IsProved()
    {
        (Knobs.AnswersSpeculation, Knobs.SkipsEmptyExchange, Knobs.HasProcessId, Knobs.ShowsPrivileges) = (false, false, false, false);

        await ResetAsync();

        // Two for each login that succeeds, and one for the refusal.
        _server.Commands.Count(name => name == "saslContinue").ShouldBe(5);
    }

    /// <summary>As FerretDB 2.7 and DocumentDB's extension: verifiers are not shown, limits not taken, databases not told.</summary>
    [Fact]
    public async Task Reset_ServerThatAnswersLikeFerretDb2_IsProvedAndCannotBeReadBack()
    {
        (Knobs.ShowsCredentials, Knobs.IsComplete, Knobs.HasProcessId, Knobs.ShowsPrivileges) = (false, false, false, false);

        await ResetAsync();

        await using var admin = await ConnectAsync();
        var inspection = (await admin.InspectAsync(App, Cancel)).Value.ShouldNotBeNull();
        inspection.Exists.ShouldBeTrue();
        inspection.CanReadBack.ShouldBeFalse();
        (await admin.ReadBackAsync(App, new Secret("New-2"), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Unreadable);
        (await admin.ListAccountsAsync(Cancel)).Value.ShouldNotBeNull().ShouldContain(row => row.Name == App);
        (await admin.DropAccountAsync(App, Cancel)).ShouldBeApplied();
        (admin.Server.Product, admin.Server.Version).ShouldBe(("FerretDB", "v2.7.0"));
        admin.Server.Remarks.ShouldContain(remark => remark.Contains("clusterAdmin"));
        admin.Server.Remarks.ShouldContain(remark => remark.Contains("started anew"));
    }

    [Fact]
    public async Task Reset_ServerThatKnowsTheOldGreetingOnly_IsProved()
    {
        Knobs.KnowsHello = false;

        await ResetAsync();
    }

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    public async Task Reset_ServerOfOneMethod_IsProvedByIt(string mechanism)
    {
        Knobs.Mechanisms = [mechanism];
        _server.Add("admin", "app", "Old-1");

        await ResetAsync();
    }

    [Fact]
    public async Task Change_Command_HasALimitAndAMajorityAndNoMethods()
    {
        await using var admin = await ConnectAsync();

        (await admin.SetPasswordAsync(Change("New-2"), Cancel)).ShouldBeApplied();

        _server.LastChange!.Select(element => element.Key).ShouldBe(["updateUser", "pwd", "writeConcern", "maxTimeMS", "$db"]);
        _server.LastChange!.Integer("maxTimeMS").ShouldBe(3000);
        _server.LastChange!.Document("writeConcern")!.Text("w").ShouldBe("majority");
    }

    [Fact]
    public async Task Reset_WrittenOnNoMajority_IsUnknownAndTheSessionIsOver()
    {
        await using var admin = await ConnectAsync();
        Knobs.WriteConcernError = 64;

        var change = await admin.SetPasswordAsync(Change("New-2"), Cancel);

        change.Change.ShouldBe(Engines.Change.Unknown);
        change.Failure.ShouldNotBeNull().Error.MayPass().ShouldBeTrue();
        admin.IsUsable.ShouldBeFalse();
    }

    [Theory]
    [InlineData(50, Engines.Change.Unknown, EngineError.TimedOut, false)]
    [InlineData(11600, Engines.Change.Unknown, EngineError.ConnectionLost, false)]
    [InlineData(11602, Engines.Change.Unknown, EngineError.Busy, false)]
    [InlineData(10107, Engines.Change.Refused, EngineError.ReadOnlyNode, false)]
    [InlineData(13, Engines.Change.Refused, EngineError.AdminLacksPrivilege, true)]
    [InlineData(11, Engines.Change.Refused, EngineError.AccountMissing, true)]
    [InlineData(2, Engines.Change.Refused, EngineError.ServerError, true)]
    public async Task Change_ServersError_HasItsCause(int code, Change change, EngineError error, bool isUsable)
    {
        await using var admin = await ConnectAsync();
        Knobs.ChangeError = code;

        var result = await admin.SetPasswordAsync(Change("New-2"), Cancel);

        result.Change.ShouldBe(change);
        result.Failure.ShouldNotBeNull().Error.ShouldBe(error);
        admin.IsUsable.ShouldBe(isUsable);
        (await LoginAsync(App, "Old-1")).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Change_ServerThatRepeatsThePassword_IsNotQuoted()
    {
        await using var admin = await ConnectAsync();
        (Knobs.ChangeError, Knobs.RepeatsPassword) = (2, true);

        var result = await admin.SetPasswordAsync(Change("Canary-2"), Cancel);

        result.Failure.ShouldNotBeNull().Detail.ShouldNotContain("Canary-2");
    }

    [Fact]
    public async Task Change_ServerHangsUp_IsUnknownUntilItsConnectionIsGone()
    {
        await using var admin = await ConnectAsync();
        await using var other = await ConnectAsync();
        Knobs.HangsUpAt = "updateUser";

        var result = await admin.SetPasswordAsync(Change("New-2"), Cancel);

        result.Change.ShouldBe(Engines.Change.Unknown);
        result.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ConnectionLost);
        (await other.EndSessionAsync(admin.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);
    }

    /// <summary>The server is still at work on it although the client has gone: not over before it ends, and killed meanwhile.</summary>
    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_ChangeThatIsStillRunning_IsNotProvedUntilItHasEnded()
    {
        await using var admin = await ConnectAsync();
        await using var other = await ConnectAsync();
        await admin.InspectAsync(App, Cancel);
        Knobs.WaitsAt = "updateUser";
        using var deadline = new CancellationTokenSource();
        var change = admin.SetPasswordAsync(Change("New-2"), deadline.Token).AsTask();
        await UntilRunningAsync("updateUser");
        await deadline.CancelAsync();
        (await change).Change.ShouldBe(Engines.Change.Unknown);

        (await other.EndSessionAsync(admin.Session, Cancel)).End.ShouldBe(SessionEnd.NotProved);
        _server.Commands.ShouldContain("killOp");
        Knobs.Release.SetResult();

        (await other.EndSessionAsync(admin.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_ListThatShowsNobody_ProvesNothing()
    {
        await using var admin = await ConnectAsync();
        var other = await ConnectAsync();
        await other.DisposeAsync();
        Knobs.ListsConnections = false;

        (await admin.EndSessionAsync(other.Session, Cancel)).End.ShouldBe(SessionEnd.NotProved);
    }

    /// <summary>A server that is stopped in mid-air, or means harm: who waits for it settles nothing else either.</summary>
    [Fact]
    public async Task EndSession_ServerThatGivesNoAnswer_IsNotProvedAtTheDeadline()
    {
        await using var admin = await ConnectAsync();
        var other = await ConnectAsync();
        await other.DisposeAsync();
        Knobs.WaitsAt = "aggregate";
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        var end = await admin.EndSessionAsync(other.Session, deadline.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure.ShouldNotBeNull().Error.MayPass().ShouldBeTrue();
        admin.IsUsable.ShouldBeFalse();
    }

    /// <summary>An admin login with the rights to change users and no more sees its own connections all the same.</summary>
    [Fact]
    public async Task EndSession_WithoutTheRightToSeeOthers_IsShownByTheAdminsOwnConnections()
    {
        Knobs.ShowsOthersConnections = false;
        await using var admin = await ConnectAsync();
        await using var other = await ConnectAsync();
        Knobs.HangsUpAt = "updateUser";
        (await other.SetPasswordAsync(Change("New-2"), Cancel)).Change.ShouldBe(Engines.Change.Unknown);

        (await admin.EndSessionAsync(other.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);
    }

    /// <summary>What another admin login once sent is not among one's own connections.</summary>
    [Fact]
    public async Task EndSession_WithoutTheRightToSeeOthers_ProvesNothingOfAnotherAdminLogin()
    {
        _server.Add("admin", "second", "Second-1", "root");
        Knobs.ShowsOthersConnections = false;
        await using var admin = await ConnectAsync();
        var answer = await _engine.ConnectAsync(TargetOf(_server), new Credential(new AccountName("second"), new Secret("Second-1")), Cancel);
        await using var other = answer.Value.ShouldNotBeNull();

        var end = await admin.EndSessionAsync(other.Session, Cancel);

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        end.Failure.Detail.ShouldContain("clusterMonitor");
    }

    [Fact]
    public async Task EndSession_RouterOrServerWithoutNumbers_IsNotProved()
    {
        var other = await ConnectAsync();
        await other.DisposeAsync();
        Knobs.IsRouter = true;
        await using (var throughRouter = await ConnectAsync())
        {
            (await throughRouter.EndSessionAsync(other.Session, Cancel)).End.ShouldBe(SessionEnd.NotProved);
        }

        (Knobs.IsRouter, Knobs.HasProcessId) = (false, false);
        await using var admin = await ConnectAsync();
        var unnumbered = await ConnectAsync();
        await unnumbered.DisposeAsync();
        (await admin.EndSessionAsync(unnumbered.Session, Cancel)).End.ShouldBe(SessionEnd.NotProved);
        (await admin.EndSessionAsync(unnumbered.Session with { Start = "up 999999999999" }, Cancel)).End.ShouldBe(SessionEnd.Gone);
    }

    [Fact]
    public async Task Login_ServerWithoutTheVerifier_IsAProtocolViolation()
    {
        Knobs.HasWrongSignature = true;

        var login = await LoginAsync(App, "Old-1");

        login.Login.ShouldBe(Login.Unreachable);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
    }

    [Fact]
    public async Task Login_ServerThatListsNobodyAsSignedIn_IsNoVerdict()
    {
        Knobs.ListsSignedIn = false;

        (await LoginAsync(App, "Old-1")).Login.ShouldBe(Login.NoVerdict);
    }

    [Fact]
    [Feature(Feature.Check)]
    public async Task Login_WrongPassword_IsOneFailedLogin()
    {
        (await LoginAsync(App, "wrong")).Login.ShouldBe(Login.WrongPassword);

        _server.Commands.ShouldBe(["hello", "saslContinue"]);
    }

    [Fact]
    public async Task Login_FewRounds_AreRefused()
    {
        Knobs.Iterations = 4095;
        _server.Add("admin", "app", "Old-1");

        (await LoginAsync(App, "Old-1")).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("saslContinue")]
    [InlineData("connectionStatus")]
    public async Task Login_AnswerOfImpossibleLength_IsAProtocolViolation(string command)
    {
        Knobs.LiesAbout = command;

        (await LoginAsync(App, "Old-1")).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
    }

    [Fact]
    [Feature(Feature.Rights)]
    public async Task Admin_WithoutRights_IsToldWhatToGrant()
    {
        _server.Add("admin", "weak", "Weak-1");
        var answer = await _engine.ConnectAsync(TargetOf(_server), new Credential(new AccountName("weak"), new Secret("Weak-1")), Cancel);
        await using var session = answer.Value.ShouldNotBeNull();

        var change = await session.SetPasswordAsync(Change("New-2"), Cancel);

        change.Change.ShouldBe(Engines.Change.NotSent);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        change.Failure.Detail.ShouldContain("""db.getSiblingDB("admin").grantRolesToUser("weak", [{role: "userAdmin", db: "admin"}])""");
    }

    [Fact]
    public async Task Connect_AuthorizationOff_IsRemarked()
    {
        Knobs.IsAuthorizationOff = true;

        await using var admin = await ConnectAsync();

        admin.Server.Remarks.ShouldContain(remark => remark.StartsWith("Authorization is off"));
        (await LoginAsync(App, "Old-1")).ShouldBe(Login.Accepted);
    }

    /// <summary>Debian gives the machine's own name this address.</summary>
    [Fact]
    public async Task Change_WithoutTlsToAnyLoopbackAddress_IsSent()
    {
        var address = IPAddress.Parse("127.0.1.1");
        await using var server = StandInMongoDb.Plain(address);
        server.Add("admin", "app", "Old-1");
        var answer = await _engine.ConnectAsync(At(server, address), AdminOf(server), Cancel);
        await using var admin = answer.Value.ShouldNotBeNull();

        (await admin.SetPasswordAsync(Change("New-2"), Cancel)).ShouldBeApplied();

        admin.Server.Remarks.ShouldContain(remark => remark.Contains("not verified"));
    }

    /// <summary>Logins do not show the password, so that those can be checked; a new one would travel as it is.</summary>
    [Fact]
    public async Task Change_WithoutTlsToElsewhere_IsNotSentAndChecksAre()
    {
        var elsewhere = Array.Find(await Dns.GetHostAddressesAsync(Dns.GetHostName(), Cancel), address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(elsewhere is null, "this machine has no address but loopback");
        await using var server = StandInMongoDb.Plain(elsewhere);
        server.Add("admin", "app", "Old-1");
        var answer = await _engine.ConnectAsync(At(server, elsewhere!), AdminOf(server), Cancel);
        await using var admin = answer.Value.ShouldNotBeNull();
        await admin.InspectAsync(App, Cancel);

        var change = await admin.SetPasswordAsync(Change("New-2"), Cancel);

        change.Change.ShouldBe(Engines.Change.NotSent);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.TlsUnavailable);
        change.Failure.Detail.ShouldContain("127.0.0.1");
        server.LastChange.ShouldBeNull();
        admin.Server.Remarks.ShouldContain(remark => remark.Contains("cannot be set"));
        (await _engine.TryLoginAsync(At(server, elsewhere!), new Credential(App, new Secret("Old-1")), derived: null, Cancel)).Login.ShouldBe(Login.Accepted);
    }

    private async Task UntilRunningAsync(string command)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!_server.Connections.Values.Any(connection => connection.Running == command))
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private static Target At(StandInMongoDb server, IPAddress address) => TargetOf(server) with { Node = new Node(address.ToString(), server.Port) };

    private static PasswordChange Change(string password) => new(App, new Secret(password));

    private static Credential AdminOf(StandInMongoDb server) => server.Describe().Admin.Credential;

    private static Target TargetOf(StandInMongoDb server) => Lab.Target(server.Describe(), new TlsSettings { Mode = TlsMode.Disable });

    private async Task ResetAsync()
    {
        await using var admin = await ConnectAsync();
        (await admin.SetPasswordAsync(Change("New-2"), Cancel)).ShouldBeApplied();
        (await LoginAsync(App, "Old-1")).ShouldBe(Login.WrongPassword);
        (await LoginAsync(App, "New-2")).ShouldBe(Login.Accepted);
    }

    private async Task<IAdminSession> ConnectAsync()
    {
        var answer = await _engine.ConnectAsync(TargetOf(_server), AdminOf(_server), Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    private async Task<LoginResult> LoginAsync(AccountName account, string password) =>
        await _engine.TryLoginAsync(TargetOf(_server), new Credential(account, new Secret(password)), derived: null, Cancel);
}
