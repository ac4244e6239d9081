using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MySql;

/// <summary>Two passwords on accounts of several rows and methods.</summary>
public sealed class OverlapTests
{
    private const string Old = "Old-1 canary";
    private const string New = "New-2 canary";

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.KeepOld)]
    public async Task Keep_SeveralRows_AllKeepTheOldOne(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser("%", "10.9.8.7");
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'", $"CREATE USER {user}@'10.9.8.7' IDENTIFIED BY '{Old}'");

        (await KeepAsync(lab, user)).ShouldBeApplied();
        (await KeepAsync(lab, user)).ShouldBeApplied();

        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await ReadBackAsync(lab, new AccountName(user, "%"))).ShouldBe(ReadbackVerdict.Matches);
        (await ReadBackAsync(lab, new AccountName(user, "10.9.8.7"))).ShouldBe(ReadbackVerdict.Matches);
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.KeepOld)]
    public async Task Keep_OneRowWasChangedAlready_TheOthersFollow(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser("%", "10.9.8.7");
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'", $"CREATE USER {user}@'10.9.8.7' IDENTIFIED BY '{Old}'");
        (await KeepAsync(lab, user, host: "10.9.8.7")).ShouldBeApplied();

        (await KeepAsync(lab, user)).ShouldBeApplied();

        (await ReadBackAsync(lab, new AccountName(user))).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Keep_MySqlRetainsAnotherOnesPassword_ShutsThatOut()
    {
        await using var lab = MySqlLab.MySql();
        var user = lab.NewUser();
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY 'Foreign-1'", $"ALTER USER {user}@'%' IDENTIFIED BY '{New}' RETAIN CURRENT PASSWORD");

        (await KeepAsync(lab, user)).ShouldBeApplied();

        (await lab.LoginAsync(user, "Foreign-1")).ShouldBe(Login.WrongPassword);
        (await lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [InlineData("mysql-9.7", "WITH sha256_password BY")]
    [InlineData("mariadb-10.11", "VIA ed25519 USING PASSWORD")]
    public async Task Keep_OtherPlugin_KeepsIt(string name, string method)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser();
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED {method} {(MySqlLab.IsMySql(name) ? $"'{Old}'" : $"('{Old}')")}");

        (await KeepAsync(lab, user)).ShouldBeApplied();

        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await ReadBackAsync(lab, new AccountName(user))).ShouldBe(ReadbackVerdict.Matches);
    }

    [Fact]
    public async Task Keep_MariaDbWithOtherAlternatives_LeavesTheSocketAndKeepsOneOldOneAPlugin()
    {
        await using var lab = MySqlLab.MariaDb();
        var user = lab.NewUser();
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED VIA ed25519 USING PASSWORD('{Old}') OR mysql_native_password USING PASSWORD('{Old}') OR unix_socket");

        (await KeepAsync(lab, user)).ShouldBeApplied();
        (await KeepAsync(lab, user)).ShouldBeApplied();

        (await lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method
            .ShouldBe("ed25519 or ed25519 or mysql_native_password or mysql_native_password or unix_socket");
        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        await using var admin = await lab.ConnectAsync();
        (await ((IKeepsOldPassword)admin).DiscardOldPasswordAsync(new AccountName(user), new Secret(New), new Secret(Old), lab.Cancel)).ShouldBeApplied();
        (await lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method.ShouldBe("ed25519 or mysql_native_password or unix_socket");
        (await lab.LoginAsync(user, Old)).Login.ShouldNotBe(Login.Accepted);
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.KeepOld)]
    public async Task Keep_ClearPasswordsAreSent_BothAreLetIn(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser();
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'");

        (await KeepAsync(lab, user, send: SendMode.Clear)).ShouldBeApplied();
        (await KeepAsync(lab, user, send: SendMode.Clear)).ShouldBeApplied();

        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [InlineData("mysql-9.7", "mysql.user")]
    [InlineData("mariadb-10.11", "mysql.global_priv")]
    public async Task Keep_CreateUserAndSelect_SufficeForAnotherAccount(string name, string table)
    {
        await using var lab = MySqlLab.Of(name);
        var (user, login) = (lab.NewUser(), new LabLogin(lab.NewUser(), "Admin-1 canary"));
        await lab.SqlAsync(
            $"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'",
            $"CREATE USER {login.User}@'%' IDENTIFIED BY '{login.Password}'",
            $"GRANT CREATE USER ON *.* TO {login.User}@'%'",
            $"GRANT SELECT ON {table} TO {login.User}@'%'");

        (await KeepAsync(lab, user, login: login)).ShouldBeApplied();

        (await lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Keep_AdminsOwnPasswordOnMySql_CreateUserSufficesToo()
    {
        await using var lab = MySqlLab.MySql();
        var login = new LabLogin(lab.NewUser(), Old);
        await lab.SqlAsync(
            $"CREATE USER {login.User}@'%' IDENTIFIED BY '{Old}'", $"GRANT CREATE USER ON *.* TO {login.User}@'%'", $"GRANT SELECT ON mysql.user TO {login.User}@'%'");

        (await KeepAsync(lab, login.User, login: login)).ShouldBeApplied();

        (await lab.LoginAsync(login.User, Old)).ShouldBe(Login.Accepted);
        (await lab.LoginAsync(login.User, New)).ShouldBe(Login.Accepted);
    }

    private static async Task<ChangeResult> KeepAsync(MySqlLab lab, string user, string? host = null, SendMode send = SendMode.Verifier, LabLogin? login = null)
    {
        await using var admin = await lab.ConnectAsync(login, send);
        return await ((IKeepsOldPassword)admin).SetPasswordAsync(new PasswordChange(new AccountName(user, host), new Secret(New)), new Secret(Old), lab.Cancel);
    }

    private static async Task<ReadbackVerdict> ReadBackAsync(MySqlLab lab, AccountName account)
    {
        await using var admin = await lab.ConnectAsync();
        return (await ((IKeepsOldPassword)admin).ReadBackAsync(account, new Secret(New), new Secret(Old), lab.Cancel)).Verdict;
    }
}
