using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MySql;

/// <summary>What MariaDB 10.11 does, row by row.</summary>
public sealed class MariaDb1011Tests : IAsyncDisposable
{
    private const string Old = "Old-1 canary";
    private const string New = "New-2 canary";
    private readonly MySqlLab _lab = MySqlLab.MariaDb();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task SetPassword_Ed25519_IsKeptAndProved()
    {
        var user = await CreateAsync($"VIA ed25519 USING PASSWORD('{Old}')");
        (await _lab.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Matches);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("ed25519");
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, New, TlsMode.Disable)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task SetPassword_Alternatives_ChangesThoseByPasswordAndKeepsTheRest()
    {
        var user = await CreateAsync($"VIA ed25519 USING PASSWORD('{Old}') OR mysql_native_password USING PASSWORD('Other-1') OR unix_socket");
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, "Other-1")).ShouldBe(Login.Accepted);
        (await _lab.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Mixed);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("ed25519 or mysql_native_password or unix_socket");
        (await _lab.LoginAsync(user, Old)).Login.ShouldNotBe(Login.Accepted);
        (await _lab.LoginAsync(user, "Other-1")).Login.ShouldNotBe(Login.Accepted);
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task SetPassword_SamePluginTwice_LeavesOneWithTheNewPassword()
    {
        var user = await CreateAsync("VIA mysql_native_password USING PASSWORD('One-1') OR mysql_native_password USING PASSWORD('Two-2')");
        (await _lab.LoginAsync(user, "Two-2")).ShouldBe(Login.Accepted);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("mysql_native_password");
        (await _lab.LoginAsync(user, "Two-2")).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task SetPassword_OtherPlugin_MovesTheAccount()
    {
        var user = await CreateAsync($"BY '{Old}'");

        (await _lab.SetAsync(new AccountName(user), New, plugin: "ed25519")).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("ed25519");
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task SetPassword_OtherPluginUnknown_IsUnsupportedAndChangesNothing()
    {
        var user = await CreateAsync($"BY '{Old}'");

        var change = await _lab.SetAsync(new AccountName(user), New, plugin: "caching_sha2_password");

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Unsupported);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [InlineData("VIA unix_socket")]
    [InlineData("VIA mysql_native_password USING 'invalid' OR unix_socket")]
    public async Task SetPassword_RowWithoutPassword_IsRefused(string methods)
    {
        var user = await CreateAsync(methods);

        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().ByPassword.ShouldBeFalse();
        var change = await _lab.SetAsync(new AccountName(user), New);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountHasNoPassword);
        (await _lab.LoginAsync(user, New)).Login.ShouldNotBe(Login.Accepted);
    }

    [Fact]
    public async Task SetPassword_SeveralRows_ChangesAllByPasswordAndTheLoginNamesItsOwn()
    {
        var user = _lab.NewUser("%", "127.0.0.1", "localhost");
        await _lab.SqlAsync(
            $"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'",
            $"CREATE USER {user}@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('{Old}')",
            $"CREATE USER {user}@localhost IDENTIFIED VIA unix_socket");

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
        (await _lab.LoginAsync(user, New)).Row.ShouldBe(new AccountName(user, "127.0.0.1"));
        (await _lab.InspectAsync(new AccountName(user))).Rows.Select(row => (row.Name.Host, row.Method))
            .ShouldBe([("%", "mysql_native_password"), ("127.0.0.1", "ed25519"), ("localhost", "unix_socket")]);
    }

    [Fact]
    public async Task SetPassword_SecondRowGoneMeanwhile_IsUnknownAsTheFirstHasChanged()
    {
        var user = _lab.NewUser("%", "127.0.0.1");
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}', {user}@'127.0.0.1' IDENTIFIED BY '{Old}'");
        await using var admin = await _lab.ConnectAsync();
        await admin.InspectAsync(new AccountName(user), _lab.Cancel);
        await _lab.SqlAsync($"DROP USER {user}@'127.0.0.1'");

        var change = await admin.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), _lab.Cancel);

        change.Change.ShouldBe(Change.Unknown);
        change.Failure.ShouldNotBeNull().Detail.ShouldStartWith("1 of 2 statements");
        admin.IsUsable.ShouldBeFalse();
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task TryLogin_OverTheLocalSocket_IsCheckedWithoutTls()
    {
        var user = await CreateAsync($"VIA ed25519 USING PASSWORD('{Old}') OR mysql_native_password USING PASSWORD('Other-1')");

        (await _lab.LoginAsync(user, Old, TlsMode.Disable, _lab.Socket)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, "Other-1", TlsMode.Disable, _lab.Socket)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, "wrong", TlsMode.Disable, _lab.Socket)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    public async Task TryLogin_LockedAccount_IsRefusedForTheRightPasswordOnly()
    {
        var user = await CreateAsync($"BY '{Old}' ACCOUNT LOCK");

        (await _lab.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await ShouldBeRefusedAsync(user, EngineError.AccountLocked);
        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.AccountLocked);
    }

    [Fact]
    public async Task TryLogin_ExpiredPassword_IsRefusedForTheRightPasswordOnlyAndEndsWithAReset()
    {
        var user = await CreateAsync($"BY '{Old}' PASSWORD EXPIRE");
        (await _lab.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await ShouldBeRefusedAsync(user, EngineError.AccountExpired);
        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Remarks.ShouldContain(remark => remark.Contains("expired"));

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task TryLogin_AccountThatRequiresTls_LooksLikeAWrongPasswordWithoutIt()
    {
        var user = await CreateAsync($"BY '{Old}' REQUIRE SSL");

        (await _lab.LoginAsync(user, Old, TlsMode.Disable)).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task TryLogin_AccountWithoutPassword_IsNotCheckedForNoneAndRefusedForAny()
    {
        var user = _lab.NewUser();
        await _lab.SqlAsync($"CREATE USER {user}@'%'");

        (await _lab.LoginAsync(user, "")).ShouldBe(Login.NotChecked);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task ListAccounts_Roles_AreNone()
    {
        var role = MySqlLab.UniqueUser();
        _lab.Later($"DROP ROLE IF EXISTS {role}");
        await _lab.SqlAsync($"CREATE ROLE {role}");
        await using var admin = await _lab.ConnectAsync();

        var accounts = (await admin.ListAccountsAsync(_lab.Cancel)).Value.ShouldNotBeNull();

        accounts.ShouldNotContain(row => row.Name.User == role);
        accounts.ShouldContain(row => row.Name == new AccountName("root", "localhost") && row.IsAdmin);
    }

    [Fact]
    public async Task Connect_MySqlEngineToMariaDb_SaysWhatItIs()
    {
        await using var mySql = MySqlLab.MySql();

        var answer = await mySql.Engine.ConnectAsync(_lab.Target(), _lab.Server.Admin.Credential, _lab.Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
        answer.Failure.Detail.ShouldContain("MariaDB");
    }

    private async Task<string> CreateAsync(string identified)
    {
        var user = _lab.NewUser();
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED {identified}");
        return user;
    }

    private async Task<string> MethodAsync(string user) => (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method;

    private async Task ShouldBeRefusedAsync(string user, EngineError error)
    {
        var login = await _lab.LoginAsync(user, Old);
        login.ShouldBe(Login.Refused);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(error);
    }
}
