using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MySql;

namespace Keyturn.LiveTests.MySql;

/// <summary>Accounts that are made with rights on databases.</summary>
public sealed class DatabaseRightsTests : IAsyncDisposable
{
    private const string New = "New-2 canary";
    private const string Shop = "kt_rights`s";
    private const string Lookalike = "ktXrights`s";
    private MySqlLab _lab = null!;

    public async ValueTask DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Accounts)]
    public async Task Create_WithRights_MayDoThatThereAndNothingElsewhere(string name)
    {
        var user = await BeginAsync(name);

        (await CreateAsync(user, Rights)).ShouldBeApplied();

        await using var app = await _lab.OpenAsync(new LabLogin(user, New));
        (await ErrorAsync(app, $"SELECT * FROM {Table(Shop)}")).ShouldBe(0);
        (await ErrorAsync(app, $"INSERT INTO {Table(Shop)} VALUES (1)")).ShouldBe(0);
        (await ErrorAsync(app, $"DELETE FROM {Table(Shop)}")).ShouldBe(1142);
        (await ErrorAsync(app, $"SELECT * FROM {Table(Lookalike)}")).ShouldBe(1142);
        (await ErrorAsync(app, "SELECT * FROM mysql.user")).ShouldBe(1142);
        (await ListedAsync(user)).ShouldBe(Rights, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Accounts)]
    public async Task Create_MadeAlreadyWithoutItsRights_GetsThem(string name)
    {
        var user = await BeginAsync(name);
        (await CreateAsync(user, [])).ShouldBeApplied();
        (await ListedAsync(user)).ShouldBeEmpty();

        (await CreateAsync(user, Rights)).ShouldBeApplied();
        (await CreateAsync(user, Rights)).ShouldBeApplied();

        (await ListedAsync(user)).ShouldBe(Rights, ignoreOrder: true);
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [InlineData("mysql-9.7", "SELECT", "MySQL")]
    [InlineData("mariadb-10.11", "SELECT", "mysql")]
    [InlineData("mariadb-10.11", "SUPER", "shop")]
    [InlineData("mariadb-10.11", "SELECT ON *.* TO x; --", "shop")]
    [InlineData("mysql-9.7", "SELECT", "back\\slash")]
    public async Task Create_RightsThatAreNoneToGive_IsRefusedAndMakesNothing(string name, string right, string database)
    {
        var user = await BeginAsync(name);

        var change = await CreateAsync(user, [new AccountRole(right, database)]);

        change.Change.ShouldBe(Change.Refused);
        (await _lab.InspectAsync(new AccountName(user))).Exists.ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Accounts)]
    public async Task Create_AdminMayNotGrant_IsRefusedWithTheGrantAndMakesNothing(string name)
    {
        var user = await BeginAsync(name);
        var weak = new LabLogin(_lab.NewUser(), "Admin-1 canary");
        await _lab.SqlAsync($"CREATE USER {weak.User}@'%' IDENTIFIED BY '{weak.Password}'", $"GRANT SELECT, CREATE USER ON *.* TO {weak.User}@'%'");

        var change = await CreateAsync(user, Rights, weak);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Detail.ShouldEndWith($@"Missing: GRANT SELECT ON `kt\_rights``s`.* TO `{weak.User}`@`%` WITH GRANT OPTION;");
        (await _lab.InspectAsync(new AccountName(user))).Exists.ShouldBeFalse();
    }

    private static IReadOnlyList<AccountRole> Rights => [new("SELECT", Shop), new("INSERT", Shop), new("SELECT", "kt%other")];

    private async Task<string> BeginAsync(string name)
    {
        _lab = MySqlLab.Of(name);
        foreach (var database in (string[])[Shop, Lookalike])
        {
            await _lab.SqlAsync($"CREATE DATABASE IF NOT EXISTS {Quoted(database)}", $"CREATE TABLE IF NOT EXISTS {Table(database)} (id INT)");
        }

        return _lab.NewUser();
    }

    private async Task<ChangeResult> CreateAsync(string user, IReadOnlyList<AccountRole> rights, LabLogin? login = null)
    {
        await using var admin = await _lab.ConnectAsync(login);
        return await admin.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)) { CreateIfMissing = true, Roles = rights }, _lab.Cancel);
    }

    private async Task<IReadOnlyList<AccountRole>> ListedAsync(string user)
    {
        await using var admin = await _lab.ConnectAsync();
        return (await admin.ListAccountsAsync(_lab.Cancel)).Value.ShouldNotBeNull().Single(row => row.Name.User == user).Roles;
    }

    private async Task<int> ErrorAsync(MySqlConnection connection, string statement) =>
        (await connection.QueryAsync(statement, QueryLimits.Few, _lab.Cancel)).Error?.Code ?? 0;

    private static string Table(string database) => $"{Quoted(database)}.orders";

    private static string Quoted(string database) => $"`{database.Replace("`", "``", StringComparison.Ordinal)}`";
}
