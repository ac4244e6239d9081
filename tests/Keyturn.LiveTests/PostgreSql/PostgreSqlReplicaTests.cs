using Keyturn.Engines;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>One replica, whose replay tests stop.</summary>
[CollectionDefinition(Name)]
public sealed class PausedReplica
{
    public const string Name = "the replica whose replay is stopped";
}

/// <summary>A streaming replica: follows, cannot be changed, and may lag.</summary>
[Collection(PausedReplica.Name)]
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
        await _replica.UntilLetInAsync(role);

        try
        {
            await _replica.PauseReplayAsync();
            (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();
            (await _replica.LoginAsync(role, PostgreSqlLab.Password)).ShouldBe(Login.Accepted);
            (await _replica.LoginAsync(role, NewPassword)).ShouldBe(Login.WrongPassword);
        }
        finally
        {
            await _replica.ExecuteAsync("SELECT pg_wal_replay_resume()");
        }

        await _replica.UntilLetInAsync(role, NewPassword);
        (await _replica.LoginAsync(role, PostgreSqlLab.Password)).ShouldBe(Login.WrongPassword);
    }

    public ValueTask DisposeAsync() => _primary.DisposeAsync();
}
