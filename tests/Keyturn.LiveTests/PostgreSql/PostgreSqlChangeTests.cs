using System.Diagnostics;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Npgsql;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>What becomes of a change: privileges, locks, other writers, the server's log.</summary>
public sealed class PostgreSqlChangeTests : IAsyncDisposable
{
    private const string NewPassword = "New-3 canary";
    private readonly PostgreSqlLab _lab = new(Lab.Server("postgresql-15"));

    [Fact]
    public async Task SetPassword_Verifier_IsStoredAsItWasMade()
    {
        var role = await _lab.CreateRoleAsync();
        await using var admin = await _lab.ConnectAsync();

        (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();

        var stored = await _lab.ReadAsync($"SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'");
        stored.ShouldNotBeNull().ShouldMatch("^SCRAM-SHA-256\\$4096:[A-Za-z0-9+/]{22}==\\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$");
    }

    [Fact]
    public async Task SetPassword_OpenSessionOfTheAccount_StaysAlive()
    {
        var role = await _lab.CreateRoleAsync();
        await using var open = await _lab.OpenAsync(new LabLogin(role.User, PostgreSqlLab.Password));
        await using var admin = await _lab.ConnectAsync();

        (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();

        await using var command = new NpgsqlCommand("SELECT 1", open);
        (await command.ExecuteScalarAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task SetPassword_SuperuserByCreateRole_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await _lab.CreateRoleAsync("LOGIN CREATEROLE");
        await ShouldBeRefusedUntilGrantedAsync(admin, await _lab.CreateRoleAsync("LOGIN SUPERUSER"));
    }

    [Fact]
    public async Task SetPassword_ReplicationRoleByCreateRole_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await _lab.CreateRoleAsync("LOGIN CREATEROLE");
        await ShouldBeRefusedUntilGrantedAsync(admin, await _lab.CreateRoleAsync("LOGIN REPLICATION"));
    }

    [Fact]
    public async Task SetPassword_WithoutCreateRole_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await _lab.CreateRoleAsync("LOGIN");
        await ShouldBeRefusedUntilGrantedAsync(admin, await _lab.CreateRoleAsync());
    }

    [Fact]
    public async Task SetPassword_OwnPassword_NeedsNoPrivilege()
    {
        var role = await _lab.CreateRoleAsync();
        await using var session = await _lab.ConnectAsync(new LabLogin(role.User, PostgreSqlLab.Password));

        (await session.InspectAsync(role, CancellationToken.None)).Value!.MayChangePassword.ShouldBe(true);
        (await PostgreSqlLab.SetAsync(session, role, NewPassword)).ShouldBeApplied();

        (await _lab.LoginAsync(role, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task ReadBack_WithoutTheRight_IsUnreadableAndInspectionSaidSo()
    {
        var role = await _lab.CreateRoleAsync();
        await using var admin = await _lab.ConnectAsync();

        (await admin.InspectAsync(role, CancellationToken.None)).Value!.CanReadBack.ShouldBeFalse();
        var readback = await PostgreSqlLab.ReadBackAsync(admin, role, PostgreSqlLab.Password);

        readback.Verdict.ShouldBe(ReadbackVerdict.Unreadable);
        readback.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        admin.IsUsable.ShouldBeTrue();
    }

    [Fact]
    public async Task SetPassword_SeveralWritersOfOneRole_AllAreApplied()
    {
        var role = await _lab.CreateRoleAsync();

        var writers = Enumerable.Range(0, 3).Select(async writer =>
        {
            await using var admin = await _lab.ConnectAsync();
            for (var i = 0; i < 5; i++)
            {
                (await PostgreSqlLab.SetAsync(admin, role, $"{writer}-{i}")).ShouldBeApplied();
            }
        });

        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task SetPassword_RoleIsLocked_IsBusyWithinTheLimitAndDelaysNobodyElse()
    {
        var locked = await _lab.CreateRoleAsync();
        var other = await _lab.CreateRoleAsync();
        await using var holder = await _lab.OpenAsync(_lab.Server.Superuser);
        await using var transaction = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"ALTER ROLE {locked} CONNECTION LIMIT 5", holder, transaction);
        await hold.ExecuteNonQueryAsync();
        await using var first = await _lab.ConnectAsync();
        await using var second = await _lab.ConnectAsync();

        var watch = Stopwatch.StartNew();
        var waiting = PostgreSqlLab.SetAsync(first, locked, NewPassword);
        (await PostgreSqlLab.SetAsync(second, other, NewPassword)).ShouldBeApplied();
        waiting.IsCompleted.ShouldBeFalse();

        var change = await waiting;
        change.Change.ShouldBe(Change.Refused);
        change.Failure!.Error.ShouldBe(EngineError.Busy);
        watch.Elapsed.ShouldBeLessThan(Instance.DefaultStatementLimit);
        first.IsUsable.ShouldBeTrue();
    }

    [Fact]
    public async Task SetPassword_CancelledWhileTheServerWaits_IsUnknownAtOnceAndItsSessionCanBeEnded()
    {
        var role = await _lab.CreateRoleAsync();
        await using var holder = await _lab.OpenAsync(_lab.Server.Superuser);
        await using var transaction = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"ALTER ROLE {role} CONNECTION LIMIT 5", holder, transaction);
        await hold.ExecuteNonQueryAsync();
        await using var admin = await _lab.ConnectAsync();
        await using var other = await _lab.ConnectAsync();

        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var watch = Stopwatch.StartNew();
        var change = await admin.SetPasswordAsync(new PasswordChange(role, new Secret(NewPassword)), deadline.Token);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        change.Change.ShouldBe(Change.Unknown);
        change.Failure!.Error.ShouldBe(EngineError.TimedOut);
        admin.IsUsable.ShouldBeFalse();
        (await other.EndSessionAsync(admin.Session, CancellationToken.None)).End.ShouldBe(SessionEnd.Gone);
        await transaction.CommitAsync();
        (await _lab.LoginAsync(role)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task EndSession_OfAStrongerRole_IsNotProved()
    {
        await using var superuser = await _lab.ConnectAsync(_lab.Server.Superuser);
        await using var admin = await _lab.ConnectAsync();

        var end = await admin.EndSessionAsync(superuser.Session, CancellationToken.None);

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        superuser.IsUsable.ShouldBeTrue();
        (await superuser.ListAccountsAsync(CancellationToken.None)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task EndSession_OfNoSuchPid_IsGone()
    {
        await using var admin = await _lab.ConnectAsync();

        (await admin.EndSessionAsync(new ServerSession("2147483647", "1"), CancellationToken.None)).End.ShouldBe(SessionEnd.Gone);
    }

    [Fact]
    public async Task Drop_RoleThatOwnsSomething_IsRefusedAndNamesIt()
    {
        var role = await _lab.CreateRoleAsync();
        await _lab.ExecuteAsync($"CREATE TABLE owned_{role} (); ALTER TABLE owned_{role} OWNER TO {role}");
        await using var superuser = await _lab.ConnectAsync(_lab.Server.Superuser);

        var drop = await superuser.DropAccountAsync(role, CancellationToken.None);

        drop.Change.ShouldBe(Change.Refused);
        drop.Failure!.Error.ShouldBe(EngineError.ServerError);
        drop.Failure.Detail.ShouldContain("2BP01");
    }

    [Fact]
    public async Task SetPassword_Plugin_IsUnsupported()
    {
        var role = await _lab.CreateRoleAsync();
        await using var admin = await _lab.ConnectAsync();

        var change = await admin.SetPasswordAsync(new PasswordChange(role, new Secret(NewPassword)) { AuthPlugin = "ed25519" }, CancellationToken.None);

        change.Change.ShouldBe(Change.NotSent);
        change.Failure!.Error.ShouldBe(EngineError.Unsupported);
    }

    [Fact]
    public async Task SetPassword_Clear_GoesOverVerifiedTlsOnly()
    {
        var role = await _lab.CreateRoleAsync();
        await using var verified = await _lab.ConnectAsync(send: SendMode.Clear);
        (await PostgreSqlLab.SetAsync(verified, role, NewPassword)).ShouldBeApplied();
        (await _lab.LoginAsync(role, NewPassword)).ShouldBe(Login.Accepted);
        verified.Server.Remarks.ShouldContain(remark => remark.Contains("log_statement"));

        await using var unverified = await _lab.ConnectAsync(mode: TlsMode.Require, send: SendMode.Clear);
        var change = await PostgreSqlLab.SetAsync(unverified, role, "Other-4");

        change.Change.ShouldBe(Change.NotSent);
        change.Failure!.Error.ShouldBe(EngineError.SendModeRefused);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private async Task ShouldBeRefusedUntilGrantedAsync(AccountName admin, AccountName target)
    {
        await using var session = await _lab.ConnectAsync(new LabLogin(admin.User, PostgreSqlLab.Password));
        var inspection = (await session.InspectAsync(target, CancellationToken.None)).Value!;
        inspection.MayChangePassword.ShouldBe(false);

        var refused = await PostgreSqlLab.SetAsync(session, target, NewPassword);
        refused.Change.ShouldBe(Change.Refused);
        refused.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        refused.Failure.Detail.ShouldContain(inspection.MissingGrant.ShouldNotBeNull());
        (await _lab.LoginAsync(target)).ShouldBe(Login.Accepted);

        await _lab.ExecuteAsync(inspection.MissingGrant);
        (await PostgreSqlLab.SetAsync(session, target, NewPassword)).ShouldBeApplied();
    }
}
