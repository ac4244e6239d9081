using System.Net;
using System.Net.Sockets;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.LiveTests.WholeProgram;
using Keyturn.Passwords;

namespace Keyturn.LiveTests;

/// <summary>
/// What every engine must show on every server that it speaks to. A subclass names the server and the engine, and where its servers differ.
/// </summary>
public abstract class EngineConformance(IEngine engine) : EngineFixture(engine)
{
    private const string OldPassword = "Old-1 canary";
    private const string NewPassword = "New-2 canary";

    /// <summary>Hostile texts for a name or a password, each alone; the engine's own list takes away what its servers cannot hold.</summary>
    public static TheoryData<string> HostileTexts { get; } =
        ["'", "\"", "\\", "%", "@", "`", "a'; DROP TABLE x; --", "\\' OR 1=1", "{0}%s$1", "#!>", "tab\tnew\nline", "naïve Ünïcode 密码", "\U0001F511 key", " both ends "];

    [Fact]
    [Feature(Feature.Reset)]
    [Feature(Feature.Check)]
    public async Task SetPassword_NewPassword_OldIsRefusedNewIsAcceptedOverTls()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);

        var change = await admin.SetPasswordAsync(Change(account, NewPassword), Cancel);

        change.ShouldBeApplied();
        admin.IsUsable.ShouldBeTrue();
        (await LoginAsync(account, OldPassword)).ShouldBe(Login.WrongPassword);
        (await LoginAsync(account, NewPassword, change.Derived)).ShouldBe(Login.Accepted);
        (await LoginAsync(account, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Reset)]
    public async Task SetPassword_SamePasswordTwice_IsAppliedTwice()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);

        (await admin.SetPasswordAsync(Change(account, NewPassword), Cancel)).ShouldBeApplied();
        (await admin.SetPasswordAsync(Change(account, NewPassword), Cancel)).ShouldBeApplied();

        (await LoginAsync(account, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Check)]
    public async Task TryLogin_OtherPasswordWithDerivedKeys_IsWrongPassword()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);

        var change = await admin.SetPasswordAsync(Change(account, NewPassword), Cancel);

        (await LoginAsync(account, OldPassword, change.Derived)).ShouldBe(Login.WrongPassword);
    }

    [Theory]
    [Feature(Feature.AnyText)]
    [MemberData(nameof(HostileTexts))]
    public async Task SetPassword_HostilePassword_IsTheWholePassword(string text)
    {
        Assert.SkipUnless(CanBePassword(text), $"{Engine.Name} has no such passwords");
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);

        (await admin.SetPasswordAsync(Change(account, $"Aa1-{text}-Zz9"), Cancel)).ShouldBeApplied();

        (await LoginAsync(account, $"Aa1-{text}-Zz9")).ShouldBe(Login.Accepted);
        (await LoginAsync(account, "Aa1-")).ShouldBe(Login.WrongPassword);
    }

    [Theory]
    [Feature(Feature.AnyText)]
    [MemberData(nameof(HostileTexts))]
    public async Task SetPassword_HostileName_ChangesThatAccount(string text)
    {
        Assert.SkipUnless(CanBeName(text), $"{Engine.Name} has no such names");
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword, $"{UniqueUser()[..8]}{text}{UniqueUser()[..4]}");

        (await admin.SetPasswordAsync(Change(account, NewPassword), Cancel)).ShouldBeApplied();

        (await LoginAsync(account, NewPassword)).ShouldBe(Login.Accepted);
        (await admin.DropAccountAsync(account, Cancel)).ShouldBeApplied();
    }

    [Fact]
    [Feature(Feature.AnyText)]
    public async Task SetPassword_ShortestAndLongestNames_AreTaken()
    {
        await using var admin = await ConnectAsync();
        var longest = UniqueUser().PadRight(LongestName, 'x');
        foreach (var user in (string[])["q", longest])
        {
            Engine.Validate(NameOf(user)).ShouldBeNull();
            var account = await CreateAsync(admin, OldPassword, user);
            (await admin.SetPasswordAsync(Change(account, NewPassword), Cancel)).ShouldBeApplied();
            (await LoginAsync(account, NewPassword)).ShouldBe(Login.Accepted);
        }
    }

    [Fact]
    public void Validate_NamesThatNoServerCouldHold_AreInvalid()
    {
        foreach (var user in (string[])["", "a\0b", new('x', LongestName + 1)])
        {
            Engine.Validate(NameOf(user)).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
        }
    }

    [Theory]
    [Feature(Feature.AnyText)]
    [InlineData("")]
    [InlineData("New\0-2")]
    public async Task SetPassword_EmptyOrWithNul_IsInvalidAndChangesNothing(string password)
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);

        var change = await admin.SetPasswordAsync(Change(account, password), Cancel);

        change.Change.ShouldBeOneOf(Engines.Change.Refused, Engines.Change.NotSent);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
        (await LoginAsync(account, OldPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Accounts)]
    public async Task MissingAccount_AnyVerb_SaysSoAndCreatesNothing()
    {
        await using var admin = await ConnectAsync();
        var account = NameOf(UniqueUser());

        var change = await admin.SetPasswordAsync(Change(account, NewPassword), Cancel);
        var drop = await admin.DropAccountAsync(account, Cancel);

        change.Change.ShouldBe(Engines.Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountMissing);
        drop.Change.ShouldBe(Engines.Change.Refused);
        drop.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountMissing);
        (await InspectAsync(admin, account)).Exists.ShouldBeFalse();
        (await LoginAsync(account, NewPassword)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    [Feature(Feature.Accounts)]
    public async Task CreateListDrop_Account_ComesAndGoes()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);

        (await LoginAsync(account, OldPassword)).ShouldBe(Login.Accepted);
        (await ListAsync(admin)).ShouldContain(row => row.Name == account && row.ByPassword && !row.IsAdmin);
        var inspection = await InspectAsync(admin, account);
        inspection.Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.None);
        inspection.MayChangePassword.ShouldNotBe(false);
        inspection.MissingGrant.ShouldBeNull();

        (await admin.DropAccountAsync(account, Cancel)).ShouldBeApplied();
        (await ListAsync(admin)).ShouldNotContain(row => row.Name == account);
        (await LoginAsync(account, OldPassword)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    [Feature(Feature.ReadBack)]
    public async Task ReadBack_AsSuperuser_TellsPasswordsApart()
    {
        await using var admin = await ConnectAsync(Server.Superuser);
        var account = await CreateAsync(admin, OldPassword);
        (await InspectAsync(admin, account)).CanReadBack.ShouldBeTrue();

        (await admin.SetPasswordAsync(Change(account, NewPassword), Cancel)).ShouldBeApplied();

        (await admin.ReadBackAsync(account, new Secret(NewPassword), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Matches);
        (await admin.ReadBackAsync(account, new Secret(OldPassword), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Differs);
        (await admin.DropAccountAsync(account, Cancel)).ShouldBeApplied();
        (await admin.ReadBackAsync(account, new Secret(NewPassword), Cancel)).Verdict.ShouldBe(ReadbackVerdict.Missing);
    }

    [Fact]
    [Feature(Feature.VerifiedTls)]
    public async Task Connect_Server_TellsItsIdentityAndTls()
    {
        await using var first = await ConnectAsync();
        await using var second = await ConnectAsync();

        first.Server.Product.ShouldNotBeNullOrEmpty();
        first.Server.Version.ShouldStartWith(Server.Version);
        first.Server.TlsProtocol.ShouldBe(HasTls ? "TLSv1.3" : null);
        first.Server.IsReadOnly.ShouldBeFalse();
        first.Server.IsPooler.ShouldBeFalse();
        first.Server.Identity.ShouldNotBeNullOrEmpty();
        second.Server.Identity.ShouldBe(first.Server.Identity);
        second.Session.ShouldNotBe(first.Session);
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_OpenSession_IsGoneAndCannotChangeAnyMore()
    {
        Assert.SkipUnless(CanCloseOpenSessions, $"{Engine.Name} cannot close another's connection");
        await using var victim = await ConnectAsync();
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);
        await InspectAsync(victim, account);

        (await admin.EndSessionAsync(victim.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);

        var change = await victim.SetPasswordAsync(Change(account, NewPassword), Cancel);
        change.Change.ShouldBeOneOf(Engines.Change.Unknown, Engines.Change.NotSent);
        victim.IsUsable.ShouldBeFalse();
        (await admin.EndSessionAsync(victim.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);
        (await LoginAsync(account, OldPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Sessions)]
    public async Task ListSessions_OpenOneOfTheAccount_IsAllThatIsToldAndCanBeEnded()
    {
        Assert.SkipUnless(CanCloseOpenSessions, $"{Engine.Name} cannot close another's connection");
        await using var admin = await ConnectAsync(Server.Superuser);
        var (account, other) = (await CreateAsync(admin, OldPassword), await CreateAsync(admin, OldPassword));
        await using var open = await StayingSession.OpenAsync(Server, account.User, OldPassword);
        await using var bystander = await StayingSession.OpenAsync(Server, other.User, OldPassword);

        var told = (await ((IListsSessions)admin).ListSessionsAsync(account, Cancel)).Value.ShouldNotBeNull();
        (await admin.EndSessionAsync(told.ShouldHaveSingleItem().Session, Cancel)).End.ShouldBe(SessionEnd.Gone);

        (await open.IsAliveAsync()).ShouldBeFalse();
        (await bystander.IsAliveAsync()).ShouldBeTrue();
        (await ((IListsSessions)admin).ListSessionsAsync(account, Cancel)).Value.ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_SameIdOfAnotherStart_IsGoneAndLeftAlone()
    {
        await using var bystander = await ConnectAsync();
        await using var admin = await ConnectAsync();

        var end = await admin.EndSessionAsync(bystander.Session with { Start = EarlierStart(bystander.Session.Start) }, Cancel);

        end.End.ShouldBe(SessionEnd.Gone);
        (await ListAsync(bystander)).ShouldNotBeEmpty();
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task SetPassword_NoAnswerInTime_IsUnknownUntilItsSessionIsGone()
    {
        await using var proxy = new StallingProxy(new DnsEndPoint(Server.Host, Server.Port));
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);
        await using var stalled = await ConnectAsync(port: proxy.Port);
        await InspectAsync(stalled, account);

        proxy.HoldAnswers();
        using var deadline = new CancellationTokenSource();
        var running = stalled.SetPasswordAsync(Change(account, NewPassword), deadline.Token).AsTask();
        await proxy.Withheld.WaitAsync(Cancel);
        await deadline.CancelAsync();
        var change = await running;

        change.Change.ShouldBe(Engines.Change.Unknown);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.TimedOut);
        stalled.IsUsable.ShouldBeFalse();
        (await admin.EndSessionAsync(stalled.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);
        (await LoginAsync(account, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Reset)]
    public async Task SetPassword_CancelledBefore_IsNotSent()
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, OldPassword);
        await InspectAsync(admin, account);

        var change = await admin.SetPasswordAsync(Change(account, NewPassword), new CancellationToken(canceled: true));

        change.Change.ShouldBe(Engines.Change.NotSent);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.TimedOut);
        (await LoginAsync(account, OldPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.VerifiedTls)]
    public async Task WrongCa_ConnectAndLogin_AreTlsRejected()
    {
        Assert.SkipUnless(HasTls, "the server has no TLS");
        var target = TargetOf(new TlsSettings { CaPem = Lab.OtherCaPem });

        await ShouldFailAsync(target, EngineError.TlsRejected);
    }

    [Fact]
    [Feature(Feature.VerifiedTls)]
    public async Task WrongServerName_ConnectAndLogin_AreTlsRejected()
    {
        Assert.SkipUnless(HasTls, "the server has no TLS");
        var target = TargetOf(new TlsSettings { CaPem = Lab.CaPem, ServerName = "other.example" });

        await ShouldFailAsync(target, EngineError.TlsRejected);
    }

    [Fact]
    [Feature(Feature.VerifiedTls)]
    public async Task ServerName_OfTheCertificate_IsAccepted()
    {
        Assert.SkipUnless(HasTls, "the server has no TLS");
        var target = TargetOf(new TlsSettings { CaPem = Lab.CaPem, ServerName = "localhost" });

        var answer = await Engine.ConnectAsync(target, Server.Admin.Credential, Cancel);

        answer.Failure.ShouldBeNull();
        await answer.Value!.DisposeAsync();
        (await Engine.TryLoginAsync(target, Server.Admin.Credential, derived: null, Cancel)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Causes)]
    public async Task ClosedPort_ConnectAndLogin_AreUnreachable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        await ShouldFailAsync(TargetOf(port: port), EngineError.Unreachable);
    }

    [Fact]
    [Feature(Feature.Causes)]
    public async Task UnknownHost_ConnectAndLogin_AreNameNotResolved()
    {
        var target = TargetOf() with { Node = new Node("no-such-host.invalid", Server.Port) };

        await ShouldFailAsync(target, EngineError.NameNotResolved);
    }

    [Fact]
    [Feature(Feature.Causes)]
    public async Task SilentServer_ConnectAndLogin_TimeOut()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var target = TargetOf(port: ((IPEndPoint)silent.LocalEndpoint).Port) with { ConnectLimit = TimeSpan.FromMilliseconds(300) };

        await ShouldFailAsync(target, EngineError.TimedOut);
    }

    [Fact]
    [Feature(Feature.Causes)]
    public async Task WrongAdminPassword_Connect_IsAdminLoginRefused()
    {
        var wrong = Server.Admin.Credential with { Password = new Secret("not the password") };

        var answer = await Engine.ConnectAsync(TargetOf(), wrong, Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLoginRefused);
        answer.Failure.Detail.ShouldNotContain("not the password");
    }

    private async Task ShouldFailAsync(Target target, EngineError error)
    {
        var answer = await Engine.ConnectAsync(target, Server.Admin.Credential, Cancel);
        var login = await Engine.TryLoginAsync(target, Server.Admin.Credential, derived: null, Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(error, answer.Failure.Detail);
        login.Login.ShouldBe(Login.Unreachable);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(error, login.Failure.Detail);
    }
}
