using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MySql;

/// <summary>What an admin login must be granted, on both servers, and what is said when it is not.</summary>
[Feature(Feature.Rights)]
public abstract class MySqlPrivilegeTests(MySqlLab lab, string accountTable) : IAsyncDisposable
{
    private const string Old = "Old-1 canary";
    protected const string New = "New-2 canary";

    protected MySqlLab Fixture { get; } = lab;

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task SetPassword_OfTheAdminItself_LeavesItsSessionAlive()
    {
        var login = await CreateAdminAsync("GRANT CREATE USER ON *.* TO", $"GRANT SELECT ON {accountTable} TO");
        await using var admin = await Fixture.ConnectAsync(login);

        (await admin.SetPasswordAsync(new PasswordChange(new AccountName(login.User), new Secret(New)), Fixture.Cancel)).ShouldBeApplied();

        (await Fixture.LoginAsync(login.User, Old)).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(login.User, New)).ShouldBe(Login.Accepted);
        (await admin.InspectAsync(new AccountName(login.User), Fixture.Cancel)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Inspect_WithoutSelect_NamesTheMissingGrant()
    {
        var login = await CreateAdminAsync("GRANT CREATE USER ON *.* TO");
        await using var admin = await Fixture.ConnectAsync(login);

        var answer = await admin.InspectAsync(new AccountName("whoever"), Fixture.Cancel);

        answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        answer.Failure.Detail.ShouldMatch($@"Missing: GRANT SELECT \([\w, ]+\) ON {accountTable} TO `{login.User}`@`%`;$");
        admin.IsUsable.ShouldBeFalse("a right that is granted now reaches new connections");
    }

    [Fact]
    public async Task Inspect_WithoutCreateUser_NamesTheMissingGrant()
    {
        var login = await CreateAdminAsync($"GRANT SELECT ON {accountTable} TO");
        var user = await CreateAsync();
        await using var admin = await Fixture.ConnectAsync(login);

        var inspection = (await admin.InspectAsync(new AccountName(user), Fixture.Cancel)).Value.ShouldNotBeNull();
        var change = await admin.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), Fixture.Cancel);

        inspection.MayChangePassword.ShouldBe(false);
        inspection.MissingGrant.ShouldBe($"GRANT CREATE USER ON *.* TO `{login.User}`@`%`;");
        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        change.Failure.Detail.ShouldContain("GRANT CREATE USER");
    }

    [Fact]
    public async Task Connect_SecondsLater_FindsTheSameStart()
    {
        await using var first = await Fixture.ConnectAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(1300), TimeProvider.System);
        await using var second = await Fixture.ConnectAsync();

        second.Session.Start.ShouldBe(first.Session.Start);
        second.Session.Id.ShouldNotBe(first.Session.Id);
    }

    [Fact]
    public async Task EndSession_OfAnotherAccountWithoutTheRight_IsNotProved()
    {
        var login = await CreateAdminAsync("GRANT CREATE USER ON *.* TO");
        await using var other = await Fixture.ConnectAsync();
        await using var admin = await Fixture.ConnectAsync(login);
        await using var own = await Fixture.ConnectAsync(login);

        var end = await admin.EndSessionAsync(other.Session, Fixture.Cancel);

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure.ShouldNotBeNull().Detail.ShouldMatch(@"Missing: GRANT CONNECTION[ _]ADMIN ON \*\.\* TO");
        (await admin.EndSessionAsync(own.Session, Fixture.Cancel)).End.ShouldBe(SessionEnd.Gone);
        (await admin.EndSessionAsync(admin.Session, Fixture.Cancel)).End.ShouldBe(SessionEnd.Gone);
    }

    protected async Task<LabLogin> CreateAdminAsync(params string[] grants)
    {
        var user = await CreateAsync();
        await Fixture.SqlAsync([.. grants.Select(grant => $"{grant} {user}@'%'")]);
        return new LabLogin(user, Old);
    }

    protected async Task<string> CreateAsync()
    {
        var user = Fixture.NewUser();
        await Fixture.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Old}'");
        return user;
    }
}

[OnServer("mysql-9.7")]
public sealed class MySql97PrivilegeTests() : MySqlPrivilegeTests(MySqlLab.MySql(), "mysql.user")
{
    [Fact]
    public async Task SetPassword_AccountWithSystemUser_NeedsItToo()
    {
        var admin = await CreateAdminAsync("GRANT CREATE USER ON *.* TO", "GRANT SELECT ON mysql.user TO");
        var system = await CreateAdminAsync("GRANT SYSTEM_USER ON *.* TO");

        var change = await Fixture.SetAsync(new AccountName(system.User), "New-2 canary", login: admin);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.AdminLacksPrivilege);
        change.Failure.Detail.ShouldContain($"Missing: GRANT SYSTEM_USER ON *.* TO `{admin.User}`@`%`;");
    }

    [Fact]
    public async Task Inspect_Administrator_NamesSystemUserAndThenItSuffices()
    {
        var admin = await CreateAdminAsync("GRANT CREATE USER ON *.* TO", "GRANT SELECT ON mysql.user TO");
        var super = await CreateAdminAsync("GRANT ALL ON *.* TO");
        await using var session = await Fixture.ConnectAsync(admin);

        var inspection = (await session.InspectAsync(new AccountName(super.User), Fixture.Cancel)).Value.ShouldNotBeNull();
        inspection.MayChangePassword.ShouldBeNull();
        inspection.MissingGrant.ShouldBe($"GRANT SYSTEM_USER ON *.* TO `{admin.User}`@`%`;");

        await Fixture.SqlAsync(inspection.MissingGrant!);
        (await Fixture.SetAsync(new AccountName(super.User), New, login: admin)).ShouldBeApplied();
        (await Fixture.LoginAsync(super.User, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Inspect_RightsByRole_AreSeen()
    {
        var role = Fixture.NewUser();
        var login = await CreateAdminAsync();
        await Fixture.SqlAsync(
            $"CREATE ROLE {role}", $"GRANT CREATE USER ON *.* TO {role}", $"GRANT SELECT ON mysql.user TO {role}",
            $"GRANT {role} TO {login.User}", $"SET DEFAULT ROLE ALL TO {login.User}");
        await using var admin = await Fixture.ConnectAsync(login);

        var inspection = (await admin.InspectAsync(new AccountName(login.User), Fixture.Cancel)).Value.ShouldNotBeNull();

        inspection.MayChangePassword.ShouldBe(true);
    }
}

public abstract class MariaDbPrivilegeTests(string serverName) : MySqlPrivilegeTests(MySqlLab.MariaDb(serverName), "mysql.global_priv")
{
    [Fact]
    public async Task SetPassword_OfASuperuser_NeedsNoMore()
    {
        var admin = await CreateAdminAsync("GRANT CREATE USER ON *.* TO", "GRANT SELECT ON mysql.global_priv TO");
        var super = await CreateAdminAsync("GRANT ALL PRIVILEGES ON *.* TO");
        (await Fixture.InspectAsync(new AccountName(super.User))).Rows.ShouldHaveSingleItem().IsAdmin.ShouldBeTrue();

        (await Fixture.SetAsync(new AccountName(super.User), "New-2 canary", login: admin)).ShouldBeApplied();
    }
}

[OnServer("mariadb-10.11")]
public sealed class MariaDb1011PrivilegeTests() : MariaDbPrivilegeTests("mariadb-10.11");

[OnServer("mariadb-11.8", Wide = true)]
public sealed class MariaDb118PrivilegeTests() : MariaDbPrivilegeTests("mariadb-11.8");
