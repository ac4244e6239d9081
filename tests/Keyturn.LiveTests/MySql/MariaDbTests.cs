using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MySql;

/// <summary>What MariaDB does, row by row.</summary>
public abstract class MariaDbTests : IAsyncDisposable
{
    protected const string Old = "Old-1 canary";
    protected const string New = "New-2 canary";

    protected MariaDbTests() => Fixture = MySqlLab.MariaDb(OnServerAttribute.NameOf(this));

    protected MySqlLab Fixture { get; }

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    [Feature(Feature.Ed25519)]
    public async Task SetPassword_Ed25519_IsKeptAndProved()
    {
        var user = await CreateAsync($"VIA ed25519 USING PASSWORD('{Old}')");
        (await Fixture.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Matches);
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);

        (await Fixture.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("ed25519");
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, New, TlsMode.Disable)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Alternatives)]
    public async Task SetPassword_Alternatives_ChangesThoseByPasswordAndKeepsTheRest()
    {
        var user = await CreateAsync($"VIA ed25519 USING PASSWORD('{Old}') OR mysql_native_password USING PASSWORD('Other-1') OR unix_socket");
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "Other-1")).ShouldBe(Login.Accepted);
        (await Fixture.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Mixed);

        (await Fixture.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("ed25519 or mysql_native_password or unix_socket");
        (await Fixture.LoginAsync(user, Old)).Login.ShouldNotBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "Other-1")).Login.ShouldNotBe(Login.Accepted);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await Fixture.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    [Feature(Feature.Alternatives)]
    [Feature(Feature.Native)]
    public async Task SetPassword_SamePluginTwice_LeavesOneWithTheNewPassword()
    {
        var user = await CreateAsync("VIA mysql_native_password USING PASSWORD('One-1') OR mysql_native_password USING PASSWORD('Two-2')");
        (await Fixture.LoginAsync(user, "Two-2")).ShouldBe(Login.Accepted);

        (await Fixture.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("mysql_native_password");
        (await Fixture.LoginAsync(user, "Two-2")).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Ed25519)]
    public async Task SetPassword_OtherPlugin_MovesTheAccount()
    {
        var user = await CreateAsync($"BY '{Old}'");

        (await Fixture.SetAsync(new AccountName(user), New, plugin: "ed25519")).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("ed25519");
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [Feature(Feature.States)]
    [InlineData("VIA unix_socket")]
    [InlineData("VIA mysql_native_password USING 'invalid' OR unix_socket")]
    public async Task SetPassword_RowWithoutPassword_IsRefused(string methods)
    {
        var user = await CreateAsync(methods);

        (await Fixture.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().ByPassword.ShouldBeFalse();
        var change = await Fixture.SetAsync(new AccountName(user), New);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountHasNoPassword);
        (await Fixture.LoginAsync(user, New)).Login.ShouldNotBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Rows)]
    public async Task SetPassword_SeveralRows_ChangesAllByPasswordAndTheLoginNamesItsOwn()
    {
        var user = Fixture.NewUser("%", "127.0.0.1", "localhost");
        await Fixture.SqlAsync(
            $"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'",
            $"CREATE USER {user}@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('{Old}')",
            $"CREATE USER {user}@localhost IDENTIFIED VIA unix_socket");

        (await Fixture.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await Fixture.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
        (await Fixture.LoginAsync(user, New)).Row.ShouldBe(new AccountName(user, "127.0.0.1"));
        (await Fixture.InspectAsync(new AccountName(user))).Rows.Select(row => (row.Name.Host, row.Method))
            .ShouldBe([("%", "mysql_native_password"), ("127.0.0.1", "ed25519"), ("localhost", "unix_socket")]);
    }

    [Fact]
    [Feature(Feature.Rows)]
    public async Task SetPassword_SecondRowGoneMeanwhile_IsUnknownAsTheFirstHasChanged()
    {
        var user = Fixture.NewUser("%", "127.0.0.1");
        await Fixture.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}', {user}@'127.0.0.1' IDENTIFIED BY '{Old}'");
        await using var admin = await Fixture.ConnectAsync();
        await admin.InspectAsync(new AccountName(user), Fixture.Cancel);
        await Fixture.SqlAsync($"DROP USER {user}@'127.0.0.1'");

        var change = await admin.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), Fixture.Cancel);

        change.Change.ShouldBe(Change.Unknown);
        change.Failure.ShouldNotBeNull().Detail.ShouldStartWith("1 of 2 statements");
        admin.IsUsable.ShouldBeFalse();
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Check)]
    public async Task TryLogin_OverTheLocalSocket_IsCheckedWithoutTls()
    {
        var user = await CreateAsync($"VIA ed25519 USING PASSWORD('{Old}') OR mysql_native_password USING PASSWORD('Other-1')");

        (await Fixture.LoginAsync(user, Old, TlsMode.Disable, Fixture.Socket)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "Other-1", TlsMode.Disable, Fixture.Socket)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "wrong", TlsMode.Disable, Fixture.Socket)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_LockedAccount_IsRefusedForTheRightPasswordOnly()
    {
        var user = await CreateAsync($"BY '{Old}' ACCOUNT LOCK");

        (await Fixture.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await ShouldBeRefusedAsync(user, EngineError.AccountLocked);
        (await Fixture.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.AccountLocked);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_ExpiredPassword_IsRefusedForTheRightPasswordOnlyAndEndsWithAReset()
    {
        var user = await CreateAsync($"BY '{Old}' PASSWORD EXPIRE");
        (await Fixture.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await ShouldBeRefusedAsync(user, EngineError.AccountExpired);
        (await Fixture.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Remarks.ShouldContain(remark => remark.Contains("expired"));

        (await Fixture.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_AccountThatRequiresTls_LooksLikeAWrongPasswordWithoutIt()
    {
        var user = await CreateAsync($"BY '{Old}' REQUIRE SSL");

        (await Fixture.LoginAsync(user, Old, TlsMode.Disable)).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_AccountWithoutPassword_IsNotCheckedForNoneAndRefusedForAny()
    {
        var user = Fixture.NewUser();
        await Fixture.SqlAsync($"CREATE USER {user}@'%'");

        (await Fixture.LoginAsync(user, "")).ShouldBe(Login.NotChecked);
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await Fixture.SetAsync(new AccountName(user), New)).ShouldBeApplied();
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task ListAccounts_Roles_AreNone()
    {
        var role = MySqlLab.UniqueUser();
        Fixture.Later($"DROP ROLE IF EXISTS {role}");
        await Fixture.SqlAsync($"CREATE ROLE {role}");
        await using var admin = await Fixture.ConnectAsync();

        var accounts = (await admin.ListAccountsAsync(Fixture.Cancel)).Value.ShouldNotBeNull();

        accounts.ShouldNotContain(row => row.Name.User == role);
        accounts.ShouldContain(row => row.Name == new AccountName("root", "localhost") && row.IsAdmin);
    }

    [Fact]
    public async Task Connect_MySqlEngineToMariaDb_SaysWhatItIs()
    {
        await using var mySql = MySqlLab.MySql();

        var answer = await mySql.Engine.ConnectAsync(Fixture.Target(), Fixture.Server.Admin.Credential, Fixture.Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
        answer.Failure.Detail.ShouldContain("MariaDB");
    }

    protected async Task<string> CreateAsync(string identified)
    {
        var user = Fixture.NewUser();
        await Fixture.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED {identified}");
        return user;
    }

    [Fact]
    [Feature(Feature.Sha256, Refused = "a plugin of MySQL")]
    public Task SetPassword_Sha256_IsUnsupported() => ShouldHaveNoPluginAsync("sha256_password");

    protected async Task ShouldHaveNoPluginAsync(string plugin)
    {
        var user = await CreateAsync($"BY '{Old}'");

        var change = await Fixture.SetAsync(new AccountName(user), New, plugin: plugin);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Unsupported);
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    protected async Task<string> MethodAsync(string user) => (await Fixture.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method;

    private async Task ShouldBeRefusedAsync(string user, EngineError error)
    {
        var login = await Fixture.LoginAsync(user, Old);
        login.ShouldBe(Login.Refused);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(error);
    }
}

[OnServer("mariadb-10.11")]
public sealed class MariaDb1011Tests : MariaDbTests
{
    [Fact]
    [Feature(Feature.CachingSha2, Refused = "MariaDB 10.11 has no such plugin")]
    public Task SetPassword_CachingSha2_IsUnsupported() => ShouldHaveNoPluginAsync("caching_sha2_password");

    [Fact]
    [Feature(Feature.Parsec, Refused = "MariaDB 10.11 has no such plugin")]
    public Task SetPassword_Parsec_IsUnsupported() => ShouldHaveNoPluginAsync("parsec");
}
