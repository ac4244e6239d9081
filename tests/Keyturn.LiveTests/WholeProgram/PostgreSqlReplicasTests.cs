using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.LiveTests.PostgreSql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A PostgreSQL primary and its streaming replica, registered as one instance.</summary>
[Collection(PausedReplica.Name)]
public sealed class PostgreSqlReplicasTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncLifetime
{
    private readonly LabAccounts _accounts = new(Lab.Server("postgresql-15"));
    private readonly LabServer _replica = Lab.Server("postgresql-15-replica");
    private string _user = "";

    private KeyturnApi Api => keyturn.Api;

    private LabServer Primary => _accounts.Server;

    public async ValueTask InitializeAsync() => _user = await _accounts.CreateAsync();

    public ValueTask DisposeAsync() => _accounts.DisposeAsync();

    [Fact]
    public async Task Reset_ReplicaIsNamedFirst_IsMadeAndProvedAtThePrimaryAndSeenAtTheReplica()
    {
        var instance = await RegisterAsync();

        var reset = await ResetAsync(instance, waitSeconds: 20);

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["nodes"]!.AsArray().ShouldHaveSingleItem()!["address"]!.ToString().ShouldBe($"{Primary.Host}:{Primary.Port}");
        var replica = reset.Body["replicas"]!.AsArray().ShouldHaveSingleItem()!;
        replica["address"]!.ToString().ShouldBe($"{_replica.Host}:{_replica.Port}");
        ((bool)replica["accepts"]!).ShouldBeTrue();
        (await new LabAccounts(_replica).LoginAsync(_user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await Api.PostAsync($"{KeyturnApi.PathOf(instance, _user)}/verify", body: null))["verdict"].ShouldBe("verified");
    }

    /// <summary>The superuser may read verifiers and tries no login; the other admin has a login for its only witness.</summary>
    [Theory]
    [InlineData(true, "timed-out")]
    [InlineData(false, "wrong-password")]
    public async Task Reset_ReplicaStandsStill_IsDoneAndSaysWhatTheReplicaShows(bool maySeeVerifiers, string cause)
    {
        var instance = await RegisterAsync(maySeeVerifiers ? Primary.Superuser : null);
        var replica = new PostgreSqlLab(_replica);
        await replica.UntilLetInAsync(new AccountName(_user), LabAccounts.OldPassword);
        try
        {
            await replica.PauseReplayAsync();
            var reset = await ResetAsync(instance, waitSeconds: 1);

            reset.ShouldBe(HttpStatusCode.OK);
            reset.Body["reset"]!["state"]!.ToString().ShouldBe("done");
            var shown = reset.Body["replicas"]!.AsArray().ShouldHaveSingleItem()!;
            ((bool)shown["accepts"]!).ShouldBeFalse();
            shown["cause"]!.ToString().ShouldBe(cause);
            (await _accounts.LoginAsync(_user, reset["password"]!)).ShouldBe(Login.Accepted);
        }
        finally
        {
            await replica.ExecuteAsync("SELECT pg_wal_replay_resume()");
        }
    }

    [Fact]
    public async Task Register_ReplicaWithDiscover_TakesThePrimaryThatItNames()
    {
        var registered = await Api.TryRegisterAsync(_replica, new JsonObject { ["admin"] = KeyturnApi.Login(_replica.Superuser), ["discover"] = true });

        registered.ShouldBe(HttpStatusCode.Created);
        registered.Body["nodes"]!.AsArray().Select(node => ((int)node!["port"]!, node["role"]!.ToString())).ShouldBe([(_replica.Port, "replica"), (Primary.Port, "primary")]);
        (await Api.ResetAsync(registered["name"]!, _user)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Register_PoolerAmongTheNodes_IsRefusedByName()
    {
        var pooler = Lab.Server("pgbouncer-15");

        var refused = await Api.TryRegisterAsync(Primary, new JsonObject { ["nodes"] = new JsonArray(KeyturnApi.NodeAt(Primary.Host, Primary.Port), KeyturnApi.NodeAt(pooler.Host, pooler.Port)) });

        refused.ShouldBeRefused(HttpStatusCode.FailedDependency, "unsupported");
        refused["detail"].ShouldStartWith($"{pooler.Host}:{pooler.Port}: The address is a pooler");
    }

    [Fact]
    public async Task Reset_WaitIsOutOfBounds_IsRefusedAndNothingChanged()
    {
        var instance = await RegisterAsync();

        (await ResetAsync(instance, waitSeconds: 61)).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await _accounts.LoginAsync(_user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
    }

    private Task<string> RegisterAsync(LabLogin? admin = null) => Api.RegisterAsync(Primary, new JsonObject
    {
        ["admin"] = KeyturnApi.Login(admin ?? Primary.Admin),
        ["nodes"] = new JsonArray(KeyturnApi.NodeAt(_replica.Host, _replica.Port), KeyturnApi.NodeAt(Primary.Host, Primary.Port)),
    });

    private Task<ApiAnswer> ResetAsync(string instance, double waitSeconds) =>
        Api.PostAsync($"{KeyturnApi.PathOf(instance, _user)}/reset", new JsonObject { ["wait_for_replicas_seconds"] = waitSeconds });
}
