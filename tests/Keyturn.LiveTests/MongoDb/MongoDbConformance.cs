using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Engines;
using Keyturn.Engines.MongoDb;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>What is asked of every server of the protocol, whether it is the stand-in or a real one.</summary>
public abstract class MongoDbConformance() : EngineConformance(new MongoDbEngine(TimeProvider.System))
{
    protected override int LongestName => 512;

    protected override bool CanCloseOpenSessions => false;

    protected override bool CanBePassword(string text) => !text.Any(char.IsControl) && !text.Any(char.IsSurrogate);

    [Fact]
    [Feature(Feature.KeepOld, Refused = "a user has one password, and a new one takes its place")]
    public async Task KeepOldPassword_UserHasOne_IsNotOffered()
    {
        await using var admin = await ConnectAsync();

        admin.ShouldNotBeAssignableTo<IKeepsOldPassword>();
    }

    /// <summary>They are told, and by their numbers told apart; the server has no command that closes one.</summary>
    [Fact]
    [Feature(Feature.Sessions)]
    public async Task ListSessions_ConnectionOfTheAccount_IsToldAndNoOther()
    {
        await using var admin = await ConnectAsync();
        var (account, other) = (await CreateAsync(admin, "Old-1"), await CreateAsync(admin, "Old-1"));
        await using var open = await OpenAsync(account);
        await using var bystander = await OpenAsync(other);
        (await LoginAsync(account, "Old-1")).ShouldBe(Login.Accepted);

        var told = (await ((IListsSessions)admin).ListSessionsAsync(account, Cancel)).Value.ShouldNotBeNull();
        // The server notices when it likes that the login's connection is closed.
        for (var waited = Stopwatch.StartNew(); told.Count > 1 && waited.Elapsed < TimeSpan.FromSeconds(10);)
        {
            told = (await ((IListsSessions)admin).ListSessionsAsync(account, Cancel)).Value.ShouldNotBeNull();
        }

        told.ShouldHaveSingleItem().Number.ShouldNotBeNull();
        (await admin.EndSessionAsync(told[0].Session, Cancel)).End.ShouldBe(SessionEnd.NotProved, "it is idle, and nobody can close it");
    }

    /// <summary>A connection that stays, logged in as the account.</summary>
    private async Task<MongoDbConnection> OpenAsync(AccountName account)
    {
        var target = TargetOf();
        var roots = new X509Certificate2Collection();
        if (target.Tls.CaPem is { } pem)
        {
            roots.ImportFromPem(pem);
        }

        var tls = target.Tls.Mode == TlsMode.Disable ? new WireTls(WireTlsMode.Disable) : new WireTls(WireTlsMode.VerifyFull, roots);
        var connection = await MongoDbConnection.ConnectAsync(target.Node.Host, target.Node.Port, tls, Cancel);
        var login = new MongoDbLogin(connection, new MongoDbCredential(account.User, account.AuthDatabase ?? "admin", "Old-1"));
        (await login.FinishAsync(await login.GreetAsync(Cancel), Cancel)).Verdict.ShouldBe(LoginVerdict.Accepted);
        return connection;
    }

    [Theory]
    [Feature(Feature.AnyText)]
    [InlineData("tab\tnew")]
    [InlineData("\U0001F511 key")]
    public async Task SetPassword_TextThatCannotBePrepared_IsInvalidAndChangesNothing(string password)
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, "Old-1");

        var change = await admin.SetPasswordAsync(Change(account, password), Cancel);

        change.Change.ShouldBe(Engines.Change.NotSent);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
        (await LoginAsync(account, "Old-1")).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_OpenSession_IsNotProvedUntilItIsClosed()
    {
        await using var admin = await ConnectAsync();
        var other = await ConnectAsync();

        var end = await admin.EndSessionAsync(other.Session, Cancel);
        await other.DisposeAsync();

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure.ShouldNotBeNull().Error.MayPass().ShouldBeTrue();
        (await admin.EndSessionAsync(other.Session, Cancel)).ShouldBe(new SessionEndResult(SessionEnd.Gone));
    }

    [Fact]
    [Feature(Feature.Accounts)]
    public async Task SetPassword_NewAccountWithRoles_HasThem()
    {
        await using var admin = await ConnectAsync();
        var account = new AccountName(UniqueUser(), Host: null, "reports");
        Track(account);
        AccountRole[] roles = [new("read", "reports"), new("clusterMonitor", "admin")];

        (await admin.SetPasswordAsync(Change(account, "First-1") with { CreateIfMissing = true, Roles = roles }, Cancel)).ShouldBeApplied();

        (await ListAsync(admin)).Single(row => row.Name == account).Roles.ShouldBe(roles, ignoreOrder: true);
    }

    [Fact]
    [Feature(Feature.Accounts)]
    public async Task SetPassword_RoleThatIsNot_MakesNoAccount()
    {
        await using var admin = await ConnectAsync();
        var account = new AccountName(UniqueUser());
        Track(account);

        var change = await admin.SetPasswordAsync(Change(account, "First-1") with { CreateIfMissing = true, Roles = [new("no-such-role", "admin")] }, Cancel);

        change.Change.ShouldBe(Engines.Change.Refused);
        (await ListAsync(admin)).ShouldNotContain(row => row.Name == account);
    }

    [Fact]
    [Feature(Feature.Accounts)]
    public async Task Accounts_SameNameInTwoDatabases_AreTwo()
    {
        await using var admin = await ConnectAsync();
        var user = UniqueUser();
        var first = await CreateAsync(admin, "First-1", user);
        var second = new AccountName(user, Host: null, "reports");
        Track(second);
        (await admin.SetPasswordAsync(Change(second, "Second-1") with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();

        (await admin.SetPasswordAsync(Change(second, "Second-2"), Cancel)).ShouldBeApplied();

        (await LoginAsync(first, "First-1")).ShouldBe(Login.Accepted);
        (await LoginAsync(second, "Second-2")).ShouldBe(Login.Accepted);
        (await LoginAsync(first, "Second-2")).ShouldBe(Login.WrongPassword);
        (await ListAsync(admin)).Count(row => row.Name.User == user).ShouldBe(2);
    }
}

/// <summary>Against the STAND-IN, which is no MongoDB: it shows that Keyturn keeps to the protocol.</summary>
[OnServer("mongodb-stand-in")]
public sealed class StandInConformance : MongoDbConformance
{
    private readonly Lazy<StandInMongoDb> _standIn = new(StandInMongoDb.OverTls);

    protected override LabServer Server
    {
        get
        {
            Assert.SkipUnless(Lab.IsThere, "no lab: the stand-in needs its certificates");
            return _standIn.Value.Describe();
        }
    }

    protected override string EarlierStart(string start) => $"process {new string('0', 24)}";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_standIn.IsValueCreated)
        {
            await _standIn.Value.DisposeAsync();
        }
    }
}

/// <summary>
/// Against the real server of KEYTURN_TEST_MONGODB, a connection string with the admin login in it:
/// <c>mongodb://user:password@host:27017/?authSource=admin&amp;tlsCAFile=…</c>. Without <c>tls=true</c> it must be on this machine.
/// </summary>
[OnServer("mongodb")]
public sealed class RealMongoDbConformance : MongoDbConformance
{
    private const string Variable = "KEYTURN_TEST_MONGODB";

    public RealMongoDbConformance() => Assert.SkipUnless(Address is not null, $"no real MongoDB: {Variable} is not set");

    protected override LabServer Server
    {
        get
        {
            var login = Address!.UserInfo.Split(':', 2);
            var admin = new LabLogin(Uri.UnescapeDataString(login[0]), Uri.UnescapeDataString(login[1]));
            return new LabServer { Engine = "mongodb", Host = Address.Host, Port = Address.Port > 0 ? Address.Port : 27017, Admin = admin, Superuser = admin };
        }
    }

    protected override bool HasTls => Address?.Query.Contains("tls=true", StringComparison.Ordinal) is true;

    private static Uri? Address => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? new Uri(text) : null;

    private static string? CaFile => Address!.Query.TrimStart('?').Split('&').Select(option => option.Split('=', 2))
        .Where(option => option[0] == "tlsCAFile").Select(option => Uri.UnescapeDataString(option[1])).FirstOrDefault();

    protected override Target TargetOf(TlsSettings? tls = null, int? port = null)
    {
        var own = HasTls ? new TlsSettings { CaPem = CaFile is { } file ? File.ReadAllText(file) : null } : new TlsSettings { Mode = TlsMode.Disable };
        return Lab.Target(Server, tls ?? own, port);
    }
}
