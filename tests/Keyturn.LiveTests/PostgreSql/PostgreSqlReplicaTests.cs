using Keyturn.Engines;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>A streaming replica: follows, cannot be changed, and may lag.</summary>
public sealed class PostgreSqlReplicaTests : IAsyncDisposable
{
    private const string NewPassword = "New-3 canary";
    private readonly PostgreSqlLab _primary = new(Lab.Server("postgresql-15"));
    private readonly PostgreSqlLab _replica = new(Lab.Server("postgresql-15-replica"));

    [Fact]
    public async Task Connect_Replica_IsReadOnlyAndOfThePrimarysIdentity()
    {
        await using var primary = await _primary.ConnectAsync();
        await using var replica = await _replica.ConnectAsync();

        replica.Server.IsReadOnly.ShouldBeTrue();
        replica.Server.Identity.ShouldBe(primary.Server.Identity);
        replica.Server.Identity.ShouldMatch("^[0-9]{15,20}$");
    }

    [Fact]
    public async Task SetPassword_OnTheReplica_IsRefusedAsReadOnly()
    {
        var role = await _primary.CreateRoleAsync();
        await using var replica = await _replica.ConnectAsync();

        var change = await PostgreSqlLab.SetAsync(replica, role, NewPassword);

        change.Change.ShouldBe(Change.Refused);
        change.Failure!.Error.ShouldBe(EngineError.ReadOnlyNode);
    }

    [Fact]
    public async Task SetPassword_OnThePrimary_ArrivesWhenTheReplicaReplays()
    {
        var role = await _primary.CreateRoleAsync();
        await using var admin = await _primary.ConnectAsync();
        await LoginSoonAsync(role, PostgreSqlLab.Password);

        await _replica.ExecuteAsync("SELECT pg_wal_replay_pause()");
        try
        {
            await WaitUntilPausedAsync();
            (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();
            (await _replica.LoginAsync(role, PostgreSqlLab.Password)).ShouldBe(Login.Accepted);
            (await _replica.LoginAsync(role, NewPassword)).ShouldBe(Login.WrongPassword);
        }
        finally
        {
            await _replica.ExecuteAsync("SELECT pg_wal_replay_resume()");
        }

        await LoginSoonAsync(role, NewPassword);
        (await _replica.LoginAsync(role, PostgreSqlLab.Password)).ShouldBe(Login.WrongPassword);
    }

    public ValueTask DisposeAsync() => _primary.DisposeAsync();

    private async Task LoginSoonAsync(Instances.AccountName role, string password)
    {
        for (var i = 0; i < 100; i++)
        {
            if ((await _replica.LoginAsync(role, password)).Login == Login.Accepted)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail("the change did not arrive at the replica");
    }

    private async Task WaitUntilPausedAsync()
    {
        while (await _replica.ReadAsync("SELECT pg_get_wal_replay_pause_state()") != "paused")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
