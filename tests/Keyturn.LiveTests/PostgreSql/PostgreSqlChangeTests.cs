using System.Diagnostics;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Npgsql;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>What becomes of a change: privileges, locks, other writers, the server's log.</summary>
public abstract class PostgreSqlChangeTests : IAsyncDisposable
{
    private const string NewPassword = "New-3 canary";

    protected PostgreSqlChangeTests() => Server = new PostgreSqlLab(Lab.Server(OnServerAttribute.NameOf(this)));

    protected PostgreSqlLab Server { get; }

    [Fact]
    [Feature(Feature.Scram)]
    public async Task SetPassword_Verifier_IsStoredAsItWasMade()
    {
        var role = await Server.CreateRoleAsync();
        await using var admin = await Server.ConnectAsync();

        (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();

        var stored = await Server.ReadAsync($"SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'");
        stored.ShouldNotBeNull().ShouldMatch("^SCRAM-SHA-256\\$4096:[A-Za-z0-9+/]{22}==\\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$");
    }

    [Fact]
    [Feature(Feature.Reset)]
    public async Task SetPassword_OpenSessionOfTheAccount_StaysAlive()
    {
        var role = await Server.CreateRoleAsync();
        await using var open = await Server.OpenAsync(new LabLogin(role.User, PostgreSqlLab.Password));
        await using var admin = await Server.ConnectAsync();

        (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();

        await using var command = new NpgsqlCommand("SELECT 1", open);
        (await command.ExecuteScalarAsync()).ShouldBe(1);
    }

    [Fact]
    [Feature(Feature.Rights)]
    public async Task SetPassword_SuperuserByCreateRole_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await Server.CreateRoleAsync("LOGIN CREATEROLE");
        await ShouldBeRefusedUntilGrantedAsync(admin, await Server.CreateRoleAsync("LOGIN SUPERUSER"));
    }

    [Fact]
    [Feature(Feature.Rights)]
    public async Task SetPassword_ReplicationRoleByCreateRole_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await Server.CreateRoleAsync("LOGIN CREATEROLE");
        await ShouldBeRefusedUntilGrantedAsync(admin, await Server.CreateRoleAsync("LOGIN REPLICATION"));
    }

    [Fact]
    [Feature(Feature.Rights)]
    public async Task SetPassword_WithoutCreateRole_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await Server.CreateRoleAsync("LOGIN");
        await ShouldBeRefusedUntilGrantedAsync(admin, await Server.CreateRoleAsync());
    }

    [Fact]
    public async Task SetPassword_OwnPassword_NeedsNoPrivilege()
    {
        var role = await Server.CreateRoleAsync();
        await using var session = await Server.ConnectAsync(new LabLogin(role.User, PostgreSqlLab.Password));

        (await session.InspectAsync(role, CancellationToken.None)).Value!.MayChangePassword.ShouldBe(true);
        (await PostgreSqlLab.SetAsync(session, role, NewPassword)).ShouldBeApplied();

        (await Server.LoginAsync(role, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.ReadBack)]
    public async Task ReadBack_WithoutTheRight_IsUnreadableAndInspectionSaidSo()
    {
        var role = await Server.CreateRoleAsync();
        await using var admin = await Server.ConnectAsync();

        (await admin.InspectAsync(role, CancellationToken.None)).Value!.CanReadBack.ShouldBeFalse();
        var readback = await PostgreSqlLab.ReadBackAsync(admin, role, PostgreSqlLab.Password);

        readback.Verdict.ShouldBe(ReadbackVerdict.Unreadable);
        readback.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        admin.IsUsable.ShouldBeTrue();
    }

    [Fact]
    [Feature(Feature.Reset)]
    public async Task SetPassword_SeveralWritersOfOneRole_AllAreApplied()
    {
        var role = await Server.CreateRoleAsync();

        var writers = Enumerable.Range(0, 3).Select(async writer =>
        {
            await using var admin = await Server.ConnectAsync();
            for (var i = 0; i < 5; i++)
            {
                (await PostgreSqlLab.SetAsync(admin, role, $"{writer}-{i}")).ShouldBeApplied();
            }
        });

        await Task.WhenAll(writers);
    }

    [Fact]
    [Feature(Feature.Reset)]
    public async Task SetPassword_RoleIsLocked_IsBusyWithinTheLimitAndDelaysNobodyElse()
    {
        var locked = await Server.CreateRoleAsync();
        var other = await Server.CreateRoleAsync();
        await using var holder = await Server.OpenAsync(Server.Server.Superuser);
        await using var transaction = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"ALTER ROLE {locked} CONNECTION LIMIT 5", holder, transaction);
        await hold.ExecuteNonQueryAsync();
        // Three quarters of it are the lock's, and the other change has to be made meanwhile.
        await using var first = await Server.ConnectAsync(statementLimit: TimeSpan.FromSeconds(12));
        await using var second = await Server.ConnectAsync();

        var waiting = PostgreSqlLab.SetAsync(first, locked, NewPassword);
        (await PostgreSqlLab.SetAsync(second, other, NewPassword)).ShouldBeApplied();
        waiting.IsCompleted.ShouldBeFalse();

        var change = await waiting;
        change.Change.ShouldBe(Change.Refused);
        change.Failure!.Error.ShouldBe(EngineError.Busy);
        first.IsUsable.ShouldBeTrue();
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task SetPassword_CancelledWhileTheServerWaits_IsUnknownAtOnceAndItsSessionCanBeEnded()
    {
        var role = await Server.CreateRoleAsync();
        await using var holder = await Server.OpenAsync(Server.Server.Superuser);
        await using var transaction = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"ALTER ROLE {role} CONNECTION LIMIT 5", holder, transaction);
        await hold.ExecuteNonQueryAsync();
        await using var admin = await Server.ConnectAsync(statementLimit: TimeSpan.FromSeconds(30));
        await using var other = await Server.ConnectAsync();

        using var deadline = new CancellationTokenSource();
        var waiting = admin.SetPasswordAsync(new PasswordChange(role, new Secret(NewPassword)), deadline.Token).AsTask();
        await Server.UntilReadAsync($"SELECT wait_event_type FROM pg_stat_activity WHERE pid = {admin.Session.Id}", "Lock");
        var watch = Stopwatch.StartNew();
        await deadline.CancelAsync();
        var change = await waiting;

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        change.Change.ShouldBe(Change.Unknown);
        change.Failure!.Error.ShouldBe(EngineError.TimedOut);
        admin.IsUsable.ShouldBeFalse();
        (await other.EndSessionAsync(admin.Session, CancellationToken.None)).End.ShouldBe(SessionEnd.Gone);
        await transaction.CommitAsync();
        (await Server.LoginAsync(role)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_OfAStrongerRole_IsNotProved()
    {
        await using var superuser = await Server.ConnectAsync(Server.Server.Superuser);
        await using var admin = await Server.ConnectAsync();

        var end = await admin.EndSessionAsync(superuser.Session, CancellationToken.None);

        end.End.ShouldBe(SessionEnd.NotProved);
        end.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        superuser.IsUsable.ShouldBeTrue();
        (await superuser.ListAccountsAsync(CancellationToken.None)).Failure.ShouldBeNull();
    }

    [Fact]
    [Feature(Feature.EndSession)]
    public async Task EndSession_OfNoSuchPid_IsGone()
    {
        await using var admin = await Server.ConnectAsync();

        (await admin.EndSessionAsync(new ServerSession("2147483647", "1"), CancellationToken.None)).End.ShouldBe(SessionEnd.Gone);
    }

    [Fact]
    public async Task Drop_RoleThatOwnsSomething_IsRefusedAndNamesIt()
    {
        var role = await Server.CreateRoleAsync();
        await Server.ExecuteAsync($"CREATE TABLE owned_{role} (); ALTER TABLE owned_{role} OWNER TO {role}");
        await using var superuser = await Server.ConnectAsync(Server.Server.Superuser);

        var drop = await superuser.DropAccountAsync(role, CancellationToken.None);

        drop.Change.ShouldBe(Change.Refused);
        drop.Failure!.Error.ShouldBe(EngineError.ServerError);
        drop.Failure.Detail.ShouldContain("2BP01");
    }

    [Fact]
    public async Task SetPassword_Plugin_IsUnsupported()
    {
        var role = await Server.CreateRoleAsync();
        await using var admin = await Server.ConnectAsync();

        var change = await admin.SetPasswordAsync(new PasswordChange(role, new Secret(NewPassword)) { AuthPlugin = "ed25519" }, CancellationToken.None);

        change.Change.ShouldBe(Change.NotSent);
        change.Failure!.Error.ShouldBe(EngineError.Unsupported);
    }

    [Fact]
    public async Task SetPassword_Clear_GoesOverVerifiedTlsOnly()
    {
        var role = await Server.CreateRoleAsync();
        await using var verified = await Server.ConnectAsync(send: SendMode.Clear);
        (await PostgreSqlLab.SetAsync(verified, role, NewPassword)).ShouldBeApplied();
        (await Server.LoginAsync(role, NewPassword)).ShouldBe(Login.Accepted);
        verified.Server.Remarks.ShouldContain(remark => remark.Contains("log_statement"));

        await using var unverified = await Server.ConnectAsync(mode: TlsMode.Require, send: SendMode.Clear);
        var change = await PostgreSqlLab.SetAsync(unverified, role, "Other-4");

        change.Change.ShouldBe(Change.NotSent);
        change.Failure!.Error.ShouldBe(EngineError.SendModeRefused);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task ShouldBeRefusedUntilGrantedAsync(AccountName admin, AccountName target)
    {
        await using var session = await Server.ConnectAsync(new LabLogin(admin.User, PostgreSqlLab.Password));
        var inspection = (await session.InspectAsync(target, CancellationToken.None)).Value!;
        inspection.MayChangePassword.ShouldBe(false);

        var refused = await PostgreSqlLab.SetAsync(session, target, NewPassword);
        refused.Change.ShouldBe(Change.Refused);
        refused.Failure!.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        refused.Failure.Detail.ShouldContain(inspection.MissingGrant.ShouldNotBeNull());
        (await Server.LoginAsync(target)).ShouldBe(Login.Accepted);

        await Server.ExecuteAsync(inspection.MissingGrant);
        (await PostgreSqlLab.SetAsync(session, target, NewPassword)).ShouldBeApplied();
    }
}

[OnServer("postgresql-15")]
public sealed class PostgreSql15ChangeTests : PostgreSqlChangeTests
{
    [Fact]
    [Feature(Feature.Rights)]
    public async Task SetPassword_RoleOfAnother_CreateRoleSuffices()
    {
        var admin = await Server.CreateRoleAsync("LOGIN CREATEROLE");
        var role = await Server.CreateRoleAsync();
        await using var session = await Server.ConnectAsync(new LabLogin(admin.User, PostgreSqlLab.Password));

        (await PostgreSqlLab.SetAsync(session, role, "New-3 canary")).ShouldBeApplied();
    }
}

/// <summary>From 16 on, CREATEROLE reaches only roles that are held with ADMIN OPTION.</summary>
public abstract class PostgreSqlAdminOptionTests : PostgreSqlChangeTests
{
    [Fact]
    [Feature(Feature.Rights)]
    public async Task SetPassword_RoleOfAnother_IsRefusedWithTheGrantThatHelps()
    {
        var admin = await Server.CreateRoleAsync("LOGIN CREATEROLE");
        await ShouldBeRefusedUntilGrantedAsync(admin, await Server.CreateRoleAsync());
    }
}

[OnServer("postgresql-17", Wide = true)]
public sealed class PostgreSql17ChangeTests : PostgreSqlAdminOptionTests;

[OnServer("postgresql-18", Wide = true)]
public sealed class PostgreSql18ChangeTests : PostgreSqlAdminOptionTests;
