using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MySql;

namespace Keyturn.LiveTests.MySql;

/// <summary>Tests that change a setting of the whole server run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MySqlServerSettings
{
    public const string Name = "settings of whole MySQL and MariaDB servers";
}

/// <summary>What servers do that are set up otherwise: read-only, locked, logging, judging passwords.</summary>
[Collection(MySqlServerSettings.Name)]
public sealed class MySqlServerSettingsTests
{
    private const string Old = "Old-1 canary";
    private const string New = "New-2 canary";

    public static TheoryData<string, SendMode> Sends { get; } =
        [.. from server in MySqlLab.Servers from send in Enum.GetValues<SendMode>() select (server.Data, send)];

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Causes)]
    public async Task SetPassword_ServerTurnedReadOnly_IsRefusedThoughTheAdminCould(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = await CreateAsync(lab);
        await using var warm = await lab.ConnectAsync();
        warm.Server.IsReadOnly.ShouldBeFalse();
        await SetGlobalAsync(lab, "read_only", "1");

        await warm.InspectAsync(new AccountName(user), lab.Cancel);
        var change = await warm.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), lab.Cancel);

        warm.Server.IsReadOnly.ShouldBeTrue();
        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ReadOnlyNode);
        await using var cold = await lab.ConnectAsync();
        cold.Server.IsReadOnly.ShouldBeTrue();
        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [InlineData("mysql-9.7", Change.Refused, EngineError.Busy)]
    [InlineData("mariadb-10.11", Change.Unknown, EngineError.TimedOut)]
    public async Task SetPassword_ServerLocked_EndsAtTheStatementLimit(string name, Change expected, EngineError error)
    {
        await using var lab = MySqlLab.Of(name);
        var user = await CreateAsync(lab);
        await using var admin = await lab.ConnectAsync();
        await using var locker = await lab.OpenAsync();
        (await locker.QueryAsync("FLUSH TABLES WITH READ LOCK", QueryLimits.Few, lab.Cancel)).Error.ShouldBeNull();

        var change = await admin.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), lab.Cancel);

        change.Change.ShouldBe(expected, change.Failure?.Detail);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(error);
        admin.IsUsable.ShouldBe(expected == Change.Refused);
        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [MemberData(nameof(Sends))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.NoTrace)]
    public async Task SetPassword_GeneralLogOn_HoldsTheClearPasswordOnMariaDbInClearModeOnly(string name, SendMode send)
    {
        await using var lab = MySqlLab.Of(name);
        var isLogged = send == SendMode.Clear && !MySqlLab.IsMySql(name);
        var user = await CreateAsync(lab);
        await SetGlobalAsync(lab, "log_output", "'TABLE'");
        await SetGlobalAsync(lab, "general_log", "1");
        lab.Later("TRUNCATE TABLE mysql.general_log");

        (await lab.SetAsync(new AccountName(user), "New-2-canary", send)).ShouldBeApplied();
        (await lab.LoginAsync(user, "New-2-canary")).ShouldBe(Login.Accepted);

        var log = await lab.SqlAsync($"SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE argument LIKE 'ALTER USER%{user}%'");
        var statement = log.ShouldHaveSingleItem().First.ShouldNotBeNull();
        statement.Contains("New-2-canary").ShouldBe(isLogged, statement);
        var everything = await lab.SqlAsync("SELECT COUNT(*) FROM mysql.general_log WHERE argument LIKE '%New-2-can_ry%' AND argument NOT LIKE '%general_log%'");
        everything.ShouldHaveSingleItem().First.ShouldBe(isLogged ? "1" : "0");
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.AnyText)]
    public async Task SetPassword_NoBackslashEscapes_HostileTextsAreStillTheWholeText(string name)
    {
        await using var lab = MySqlLab.Of(name);
        lab.Later("SET GLOBAL sql_mode = DEFAULT");
        await lab.SqlAsync("SET GLOBAL sql_mode = CONCAT(@@global.sql_mode, ',NO_BACKSLASH_ESCAPES')");
        foreach (var (text, send) in from text in (string[])[@"back\slash", @"\'--", "quo'te\""] from send in Enum.GetValues<SendMode>() select (text, send))
        {
            var account = new AccountName($"{MySqlLab.UniqueUser()}{text}", "%");
            await using var admin = await lab.ConnectAsync(send: send);
            (await admin.SetPasswordAsync(new PasswordChange(account, new Secret($"Aa1-{text}")) { CreateIfMissing = true }, lab.Cancel)).ShouldBeApplied();
            (await lab.LoginAsync(account.User, $"Aa1-{text}")).ShouldBe(Login.Accepted);
            (await admin.SetPasswordAsync(new PasswordChange(account, new Secret($"Bb2-{text}")), lab.Cancel)).ShouldBeApplied();
            (await lab.LoginAsync(account.User, $"Bb2-{text}")).ShouldBe(Login.Accepted);
            (await admin.DropAccountAsync(account, lab.Cancel)).ShouldBeApplied();
        }
    }

    [Fact]
    public async Task SetPassword_MySqlValidatesPasswords_IsRefusedInClearOnly()
    {
        await using var lab = MySqlLab.MySql();
        await lab.SqlAsync("INSTALL COMPONENT 'file://component_validate_password'");
        lab.Later("UNINSTALL COMPONENT 'file://component_validate_password'");
        var user = await CreateAsync(lab);

        var clear = await lab.SetAsync(new AccountName(user), "weak", SendMode.Clear);

        clear.Change.ShouldBe(Change.Refused);
        clear.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.PasswordRefusedByServer);
        (await lab.SetAsync(new AccountName(user), "weak")).ShouldBeApplied();
        await using var admin = await lab.ConnectAsync();
        admin.Server.Remarks.ShouldContain(remark => remark.StartsWith("validate_password"));
    }

    [Fact]
    public async Task TryLogin_MariaDbBlocksAfterErrors_DecidesNothing()
    {
        await using var lab = MySqlLab.MariaDb();
        var user = await CreateAsync(lab);
        await SetGlobalAsync(lab, "max_password_errors", "2");
        await lab.LoginAsync(user, "wrong");
        await lab.LoginAsync(user, "wrong");

        var blocked = await lab.LoginAsync(user, Old);

        blocked.ShouldBe(Login.NoVerdict);
        blocked.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AccountLocked);
    }

    /// <summary>MySQL has it of each account, MariaDB of the whole server; MariaDB 10.11 does not tell how many there have been.</summary>
    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.States)]
    public async Task Inspect_WrongPasswordsLockTheAccount_TellsHowManyAreLeft(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = await CreateAsync(lab);
        (await lab.InspectAsync(new AccountName(user))).Lockout.ShouldBeNull();
        if (MySqlLab.IsMySql(name))
        {
            await lab.SqlAsync($"ALTER USER {user}@'%' FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 1");
        }
        else
        {
            await SetGlobalAsync(lab, "max_password_errors", "3");
        }

        foreach (var failed in new[] { 0, 1, 2 })
        {
            var lockout = (await lab.InspectAsync(new AccountName(user))).Lockout;
            lockout.ShouldBe(name == "mariadb-10.11" ? new Lockout(3, Failed: null) : new Lockout(3, failed));
            await lab.LoginAsync(user, "wrong");
        }

        (await lab.LoginAsync(user, Old)).ShouldBe(Login.NoVerdict);
        (await lab.InspectAsync(new AccountName(user))).Rows.Single().LoginObstacle.ShouldBe(MySqlLab.IsMySql(name) ? EngineError.AccountLocked : EngineError.None);
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.States)]
    public async Task TryLogin_AnonymousAccountOfThatPassword_IsNotChecked(string name)
    {
        await using var lab = MySqlLab.Of(name);
        lab.Later("DROP USER IF EXISTS ''@'%'");
        await lab.SqlAsync($"CREATE USER ''@'%' IDENTIFIED BY '{Old}'");

        (await lab.LoginAsync(MySqlLab.UniqueUser(), Old)).ShouldBe(Login.NotChecked);
        (await lab.LoginAsync(MySqlLab.UniqueUser(), New)).ShouldBe(Login.WrongPassword);
    }

    [Theory]
    [InlineData("mysql-9.7", Login.NoVerdict, EngineError.TlsRequired)]
    [InlineData("mariadb-10.11", Login.WrongPassword, EngineError.WrongPassword)]
    public async Task TryLogin_ServerThatRequiresTls_IsToldFromAWrongPasswordByMySqlOnly(string name, Login expected, EngineError error)
    {
        await using var lab = MySqlLab.Of(name);
        var user = await CreateAsync(lab);
        await SetGlobalAsync(lab, "require_secure_transport", "1");

        var plain = await lab.LoginAsync(user, Old, TlsMode.Disable);

        plain.ShouldBe(expected);
        plain.Failure.ShouldNotBeNull().Error.ShouldBe(error);
    }

    [Fact]
    public async Task TryLogin_LetInByTheOperatingSystemsUser_IsNotChecked()
    {
        await using var lab = MySqlLab.MariaDb();
        var super = lab.Server.Superuser;
        Assert.SkipUnless(Environment.UserName == super.User, $"unix_socket lets the operating system's user {super.User} in, and nobody else");
        lab.Later($"ALTER USER {super.User}@localhost IDENTIFIED BY '{super.Password}'");
        await lab.SqlAsync($"ALTER USER {super.User}@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('{super.Password}')");

        (await lab.LoginAsync(super.User, "whatever", TlsMode.Disable, lab.Socket)).ShouldBe(Login.NotChecked);
        (await lab.LoginAsync(super.User, super.Password, TlsMode.Disable, lab.Socket)).ShouldBe(Login.NotChecked);
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Causes)]
    public async Task TryLogin_NoConnectionLeftOnTheServer_IsUnreachableForTheLimit(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = await CreateAsync(lab);
        await SetGlobalAsync(lab, "max_connections", "10");
        var open = new List<MySqlConnection>();
        for (var count = 0; count < 10; count++)
        {
            open.Add(await lab.OpenAsync());
        }

        var login = await lab.LoginAsync(user, Old);

        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        login.ShouldBe(Login.Unreachable);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ConnectionLimit);
    }

    private static async Task<string> CreateAsync(MySqlLab lab)
    {
        var user = lab.NewUser();
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'");
        return user;
    }

    private static async Task SetGlobalAsync(MySqlLab lab, string variable, string value)
    {
        var before = (await lab.SqlAsync($"SELECT @@global.{variable}")).ShouldHaveSingleItem().First;
        lab.Later($"SET GLOBAL {variable} = {(long.TryParse(before, out _) ? before : $"'{before}'")}");
        await lab.SqlAsync($"SET GLOBAL {variable} = {value}");
    }
}
