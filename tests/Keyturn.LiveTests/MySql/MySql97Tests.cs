using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MySql;

/// <summary>What Oracle MySQL 9.7 does, row by row.</summary>
[OnServer("mysql-9.7")]
public sealed class MySql97Tests : IAsyncDisposable
{
    private const string Old = "Old-1 canary";
    private const string New = "New-2 canary";
    private readonly MySqlLab _lab = MySqlLab.MySql();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task SetPassword_CachingSha2_StoresHashOfTheServersRounds()
    {
        var user = await CreateAsync();

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        var rows = await _lab.SqlAsync($"SELECT authentication_string FROM mysql.user WHERE User = '{user}'");
        rows.ShouldHaveSingleItem().First.ShouldNotBeNull().ShouldStartWith("$A$00A$");
    }

    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task TryLogin_ColdCacheWithoutTls_UsesTheServersKey()
    {
        var user = await CreateAsync();

        (await _lab.LoginAsync(user, "wrong", TlsMode.Disable)).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, Old, TlsMode.Disable)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task TryLogin_ColdCacheOverUnverifiedTls_IsNoVerdictWhateverThePassword()
    {
        var user = await CreateAsync();

        var right = await _lab.LoginAsync(user, Old, TlsMode.Require);
        var wrong = await _lab.LoginAsync(user, "wrong", TlsMode.Require);

        right.ShouldBe(Login.NoVerdict);
        wrong.ShouldBe(Login.NoVerdict);
        right.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.MethodNotSpoken);
        right.Failure.Detail.ShouldContain("caching_sha2_password");
    }

    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task TryLogin_ColdCacheOverTheLocalSocket_GivesThePasswordItself()
    {
        var user = await CreateAsync();

        (await _lab.LoginAsync(user, "wrong", TlsMode.Disable, _lab.Socket)).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, Old, TlsMode.Disable, _lab.Socket)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task TryLogin_WarmCache_NeedsThePasswordNoMoreUntilTheNextReset()
    {
        var user = await CreateAsync();
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);

        (await _lab.LoginAsync(user, Old, TlsMode.Require)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, "wrong", TlsMode.Require)).ShouldBe(Login.NoVerdict);
        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();
        (await _lab.LoginAsync(user, New, TlsMode.Require)).ShouldBe(Login.NoVerdict);
    }

    [Fact]
    [Feature(Feature.KeepOld)]
    public async Task SetPassword_RetainedOlderOne_ShutsBothOut()
    {
        var user = await CreateAsync();
        await _lab.SqlAsync($"ALTER USER {user}@'%' IDENTIFIED BY 'Second-2' RETAIN CURRENT PASSWORD");
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await _lab.ReadBackAsync(new AccountName(user), "Second-2")).ShouldBe(ReadbackVerdict.Mixed);
        (await _lab.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Mixed);
        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Differs);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, "Second-2")).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    [Feature(Feature.Sha256)]
    public async Task SetPassword_Sha256Plugin_IsKeptAndProved()
    {
        var user = _lab.NewUser();
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED WITH sha256_password BY '{Old}'");
        (await _lab.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Matches);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method.ShouldBe("sha256_password");
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, New, TlsMode.Disable)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(user, New, TlsMode.Require)).ShouldBe(Login.NoVerdict);
    }

    [Fact]
    [Feature(Feature.Sha256)]
    public async Task SetPassword_OtherPlugin_MovesTheAccount()
    {
        var user = await CreateAsync();

        (await _lab.SetAsync(new AccountName(user), New, plugin: "sha256_password")).ShouldBeApplied();

        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method.ShouldBe("sha256_password");
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Native, Refused = "MySQL has it no more since 9.0")]
    public Task SetPassword_NativePassword_IsUnsupportedAndChangesNothing() => ShouldHaveNoPluginAsync("mysql_native_password");

    [Fact]
    [Feature(Feature.Ed25519, Refused = "a plugin of MariaDB")]
    public Task SetPassword_Ed25519_IsUnsupportedAndChangesNothing() => ShouldHaveNoPluginAsync("ed25519");

    [Fact]
    [Feature(Feature.Parsec, Refused = "a plugin of MariaDB")]
    public Task SetPassword_Parsec_IsUnsupportedAndChangesNothing() => ShouldHaveNoPluginAsync("parsec");

    [Fact]
    public Task SetPassword_PluginThatTheServerHasNot_IsUnsupportedAndChangesNothing() => ShouldHaveNoPluginAsync("authentication_ldap_simple");

    private async Task ShouldHaveNoPluginAsync(string plugin)
    {
        var user = await CreateAsync();

        var change = await _lab.SetAsync(new AccountName(user), New, plugin: plugin);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Unsupported);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Rows)]
    public async Task SetPassword_SeveralRows_ChangesAllAndTheLoginNamesItsOwn()
    {
        var user = _lab.NewUser("%", "127.0.0.1", "10.%");
        await _lab.SqlAsync(
            $"CREATE USER {user}@'%' IDENTIFIED BY '{Old}', {user}@'127.0.0.1' IDENTIFIED BY '{Old}', {user}@'10.%' IDENTIFIED BY '{Old}'",
            $"ALTER USER {user}@'10.%' IDENTIFIED BY '{New}'");
        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Mixed);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
        (await _lab.LoginAsync(user, New)).Row.ShouldBe(new AccountName(user, "127.0.0.1"));
    }

    [Fact]
    [Feature(Feature.Rows)]
    public async Task SetPassword_OneRow_LeavesTheOthers()
    {
        var user = _lab.NewUser("%", "127.0.0.1");
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}', {user}@'127.0.0.1' IDENTIFIED BY '{Old}'");

        (await _lab.SetAsync(new AccountName(user, "127.0.0.1"), New)).ShouldBeApplied();

        (await _lab.ReadBackAsync(new AccountName(user, "127.0.0.1"), New)).ShouldBe(ReadbackVerdict.Matches);
        (await _lab.ReadBackAsync(new AccountName(user, "%"), Old)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_LockedAccount_IsRefusedForTheRightPasswordOnly()
    {
        var user = await CreateAsync("ACCOUNT LOCK");

        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().LoginObstacle.ShouldBe(EngineError.AccountLocked);
        (await _lab.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await ShouldBeRefusedAsync(user, EngineError.AccountLocked);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_ExpiredPassword_IsRefusedForTheRightPasswordOnlyAndEndsWithAReset()
    {
        var user = await CreateAsync("PASSWORD EXPIRE");
        (await _lab.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await ShouldBeRefusedAsync(user, EngineError.AccountExpired);
        var row = (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem();
        row.LoginObstacle.ShouldBe(EngineError.None);
        row.Remarks.ShouldContain(remark => remark.Contains("expired"));

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_AccountThatRequiresTls_LooksLikeAWrongPasswordWithoutIt()
    {
        var user = await CreateAsync("REQUIRE SSL");

        var plain = await _lab.LoginAsync(user, Old, TlsMode.Disable);

        plain.ShouldBe(Login.WrongPassword);
        plain.Failure.ShouldNotBeNull().Detail.ShouldContain("requires");
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_AfterFailedOnesThatBlock_DecidesNothing()
    {
        var user = await CreateAsync("FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 1");
        (await _lab.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await _lab.LoginAsync(user, "wrong");

        var blocked = await _lab.LoginAsync(user, Old);

        blocked.ShouldBe(Login.NoVerdict);
        blocked.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountLocked);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task TryLogin_NoConnectionLeft_IsRefusedForTheLimit()
    {
        var user = await CreateAsync("WITH MAX_CONNECTIONS_PER_HOUR 1");
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);

        await ShouldBeRefusedAsync(user, EngineError.ConnectionLimit);
    }

    [Fact]
    public async Task SetPassword_PasswordOfTheHistory_IsRefusedInClearOnly()
    {
        var user = await CreateAsync("PASSWORD HISTORY 3");

        var clear = await _lab.SetAsync(new AccountName(user), Old, SendMode.Clear);

        clear.Change.ShouldBe(Change.Refused);
        clear.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.PasswordRefusedByServer);
        (await _lab.SetAsync(new AccountName(user), Old)).ShouldBeApplied();
    }

    [Fact]
    [Feature(Feature.States)]
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
    public async Task Connect_MariaDbEngineToMySql_SaysWhatItIs()
    {
        await using var mariaDb = MySqlLab.MariaDb();

        var answer = await mariaDb.Engine.ConnectAsync(_lab.Target(), _lab.Server.Admin.Credential, _lab.Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ProtocolViolation);
        answer.Failure.Detail.ShouldContain("MySQL 9.7");
    }

    [Fact]
    public async Task SetPassword_WithoutTlsInClear_SendsNothing()
    {
        var user = await CreateAsync();
        var answer = await _lab.Engine.ConnectAsync(_lab.Target(TlsMode.Disable, SendMode.Clear), _lab.Server.Admin.Credential, _lab.Cancel);
        await using var admin = answer.Value.ShouldNotBeNull();

        var change = await admin.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), _lab.Cancel);

        change.Change.ShouldBe(Change.NotSent);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.TlsUnavailable);
    }

    private async Task<string> CreateAsync(string options = "")
    {
        var user = _lab.NewUser();
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}' {options}");
        return user;
    }

    private async Task ShouldBeRefusedAsync(string user, EngineError error)
    {
        var login = await _lab.LoginAsync(user, Old);
        login.ShouldBe(Login.Refused);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(error);
    }
}
