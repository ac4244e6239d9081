using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>With everything logged that a server can log, no password of a change that sends verifiers is in its log.</summary>
[Feature(Feature.NoTrace)]
public abstract class PostgreSqlServerLogTests : IAsyncDisposable
{
    private readonly PostgreSqlLab _lab;

    protected PostgreSqlServerLogTests() => _lab = new PostgreSqlLab(Lab.Server(OnServerAttribute.NameOf(this)));

    [Fact]
    public async Task Verifier_AllStatementsLogged_NoPasswordIsInTheLog()
    {
        var canary = $"Canary-{Guid.NewGuid():N}";
        var login = await LoggedAdminAsync();
        var role = await _lab.CreateRoleAsync();
        await _lab.LetChangeAsync(login.User, role.User);
        await using var admin = await _lab.ConnectAsync(login);

        (await PostgreSqlLab.SetAsync(admin, role, canary)).ShouldBeApplied();
        (await PostgreSqlLab.SetAsync(admin, new AccountName("no_such_role"), canary)).Failure!.Error.ShouldBe(EngineError.AccountMissing);
        (await PostgreSqlLab.SetAsync(admin, new AccountName("postgres"), canary)).Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        await PostgreSqlLab.ReadBackAsync(admin, role, canary);
        (await _lab.LoginAsync(role, canary)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(role, canary + "x")).ShouldBe(Login.WrongPassword);

        var log = await File.ReadAllTextAsync(_lab.Server.Log);
        log.ShouldContain($"ALTER ROLE \"{role}\" PASSWORD ''SCRAM-SHA-256$");
        log.ShouldNotContain(canary);
    }

    [Fact]
    public async Task Clear_MissingRole_IsNeverSentAndSoNotInTheLog()
    {
        var canary = $"Canary-{Guid.NewGuid():N}";
        await using var admin = await _lab.ConnectAsync(await LoggedAdminAsync(), send: SendMode.Clear);

        var change = await admin.SetPasswordAsync(new PasswordChange(new AccountName("no_such_role"), new Secret(canary)), CancellationToken.None);

        change.Change.ShouldBe(Change.Refused);
        change.Failure!.Error.ShouldBe(EngineError.AccountMissing);
        (await File.ReadAllTextAsync(_lab.Server.Log)).ShouldNotContain(canary);
    }

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<LabLogin> LoggedAdminAsync()
    {
        var admin = await _lab.CreateRoleAsync("LOGIN CREATEROLE");
        await _lab.ExecuteAsync(
            $"ALTER ROLE {admin} SET log_statement = 'all'; ALTER ROLE {admin} SET log_min_duration_statement = 0; ALTER ROLE {admin} SET log_min_messages = 'debug1'");
        return new LabLogin(admin.User, PostgreSqlLab.Password);
    }
}

[OnServer("postgresql-15")]
public sealed class PostgreSql15ServerLogTests : PostgreSqlServerLogTests;

[OnServer("postgresql-17", Wide = true)]
public sealed class PostgreSql17ServerLogTests : PostgreSqlServerLogTests;

[OnServer("postgresql-18", Wide = true)]
public sealed class PostgreSql18ServerLogTests : PostgreSqlServerLogTests;
