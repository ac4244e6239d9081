using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A reset that cannot be made says why, each time with its own cause and next step; nothing has changed, nothing is held as current.</summary>
public sealed class ResetCauseTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncDisposable
{
    private const string Validating = "mariadb-10.11-validation";
    private readonly List<LabAccounts> _accounts = [];

    public static TheoryData<string> Servers { get; } = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7", "valkey-9"];

    private KeyturnApi Api => keyturn.Api;

    public async ValueTask DisposeAsync()
    {
        foreach (var accounts in _accounts)
        {
            await accounts.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Reset_DatabaseDown_IsUnreachableAndTheAdoptedPasswordStays(string server)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        string instance;
        await using (var way = new StallingProxy(new DnsEndPoint(accounts.Server.Host, accounts.Server.Port)))
        {
            instance = await Api.RegisterAsync(
                accounts.Server, new JsonObject { ["nodes"] = new JsonArray(KeyturnApi.NodeAt(accounts.Server.Host, way.Port)) });
            // Leaves a warm session behind, which then is dead.
            (await Api.GetAsync(KeyturnApi.PathOf(instance, user))).ShouldBe(HttpStatusCode.OK);
            (await Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        }

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "unreachable");

        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        var secret = await Api.SecretAsync(instance, user);
        secret["version"].ShouldBe("1");
        secret["password"].ShouldBe(LabAccounts.OldPassword);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Reset_AdminPasswordChangedBehindKeyturnsBack_IsAdminLoginRefused(string server)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var (admin, instance) = await RegisterOwnAdminAsync(accounts, OutsideStatement.CreateAdmin);
        await accounts.ExecuteAsync(OutsideStatement.SetPassword(accounts.Server.Engine, admin.User, "Other-2-canary"));

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "admin-login-refused");

        await ShouldBeUnchangedAsync(accounts, instance, user);
    }

    [Theory]
    [InlineData("postgresql-15", "CREATEROLE")]
    [InlineData("mariadb-10.11", "GRANT CREATE USER ON *.* TO")]
    [InlineData("mysql-9.7", "GRANT CREATE USER ON *.* TO")]
    [InlineData("redis-7", "+acl|setuser")]
    [InlineData("valkey-9", "+acl|setuser")]
    public async Task Reset_AdminWithoutThePrivilege_NamesWhatIsMissing(string server, string missing)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var (_, instance) = await RegisterOwnAdminAsync(accounts, OutsideStatement.CreatePowerless);

        var answer = await Api.ResetAsync(instance, user);

        answer.ShouldBeRefused(HttpStatusCode.FailedDependency, "admin-lacks-privilege");
        answer["detail"].ShouldNotBeNull().ShouldContain(missing);
        await ShouldBeUnchangedAsync(accounts, instance, user);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Reset_UnknownAccount_IsAccountMissingAndMakesNone(string server)
    {
        var accounts = Of(server);
        var instance = await Api.RegisterAsync(accounts.Server);
        var user = LabAccounts.NewUser();

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.NotFound, "account-missing");

        (await Api.GetAsync(KeyturnApi.PathOf(instance, user)))["exists"].ShouldBe("false");
        (await Api.SecretAsync(instance, user)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("postgresql-15", "login-not-permitted")]
    [InlineData("mariadb-10.11", "account-locked")]
    [InlineData("mysql-9.7", "account-locked")]
    [InlineData("redis-7", "login-not-permitted")]
    [InlineData("valkey-9", "login-not-permitted")]
    public async Task Reset_AccountThatMayNotLogIn_SaysSoAndChangesNothing(string server, string cause)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var instance = await Api.RegisterAsync(accounts.Server);
        await accounts.ExecuteAsync(OutsideStatement.Lock(accounts.Server.Engine, user));

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, cause);

        await accounts.ExecuteAsync(OutsideStatement.Unlock(accounts.Server.Engine, user));
        await ShouldBeUnchangedAsync(accounts, instance, user);
    }

    [Fact]
    public async Task Reset_PrimaryThatHasBecomeReadOnly_IsReadOnlyNode()
    {
        var accounts = Of("postgresql-15");
        var user = await accounts.CreateAsync();
        var (admin, instance) = await RegisterOwnAdminAsync(accounts, OutsideStatement.CreateAdmin);
        // For this login only: the tests beside this one go on writing.
        await accounts.ExecuteAsync($"ALTER ROLE {admin.User} SET default_transaction_read_only = on");

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "read-only-node");

        await ShouldBeUnchangedAsync(accounts, instance, user);
    }

    [Fact]
    public async Task Reset_HashToAValidatingServer_IsSendModeRefusedAndSaysHowToGoOn()
    {
        var accounts = Of(Validating);
        var user = await accounts.CreateAsync();
        var instance = await Api.RegisterAsync(accounts.Server);

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "send-mode-refused");

        await ShouldBeUnchangedAsync(accounts, instance, user);
        var clear = await Api.SendAsync(HttpMethod.Patch, $"/api/v1/instances/{instance}", new JsonObject { ["send"] = "clear" });
        clear.ShouldBe(HttpStatusCode.OK);
        var reset = await Api.ResetAsync(instance, user);
        reset.ShouldBe(HttpStatusCode.OK);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Reset_PasswordThatTheServersPolicyRefuses_IsPasswordRefusedByServer()
    {
        var accounts = Of(Validating);
        var user = await accounts.CreateAsync();
        var anything = new JsonObject { ["min_length"] = 1, ["min_classes"] = 0, ["refuse_weak"] = false };
        var instance = await Api.RegisterAsync(accounts.Server, new JsonObject { ["send"] = "clear", ["password_policy"] = anything });

        (await Api.ResetAsync(instance, user, "short")).ShouldBeRefused(HttpStatusCode.FailedDependency, "password-refused-by-server");

        await ShouldBeUnchangedAsync(accounts, instance, user);
    }

    private LabAccounts Of(string server)
    {
        var accounts = new LabAccounts(Lab.Server(server));
        _accounts.Add(accounts);
        return accounts;
    }

    private async Task<(LabLogin Admin, string Instance)> RegisterOwnAdminAsync(LabAccounts accounts, Func<string, LabLogin, string[]> create)
    {
        var admin = await accounts.CreateAdminAsync(create);
        return (admin, await Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) }));
    }

    private async Task ShouldBeUnchangedAsync(LabAccounts accounts, string instance, string user)
    {
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await Api.SecretAsync(instance, user)).ShouldBe(HttpStatusCode.NotFound);
        (await Api.EndedResetsAsync(instance, user)).ShouldAllBe(reset => reset["state"]!.ToString() == "failed");
    }
}
