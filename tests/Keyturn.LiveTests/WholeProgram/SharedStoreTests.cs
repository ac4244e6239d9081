using System.Net;
using Keyturn.Engines;
using Keyturn.LiveTests.PostgreSql;
using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Two nodes on one store on PostgreSQL: either may die at any time, and the other goes on with its work.</summary>
public sealed class SharedStoreTests : IAsyncLifetime
{
    private readonly string _schema = $"store_{Guid.NewGuid():n}";
    private KeyturnProcess _first = null!;
    private KeyturnProcess _second = null!;

    public async ValueTask InitializeAsync()
    {
        var server = Lab.Server("postgresql-15");
        var superuser = server.Superuser;
        _first = await KeyturnProcess.CreateAsync(
            $"Host={server.Host};Port={server.Port};Username={superuser.User};Password={superuser.Password};Database=postgres;Search Path={_schema};"
            + $"SSL Mode=VerifyFull;Root Certificate={Lab.CaFile}");
        _second = _first.AnotherNode();
    }

    public async ValueTask DisposeAsync()
    {
        if (_first is not null)
        {
            await _second.DisposeAsync();
            await _first.DisposeAsync();
            await ExecuteAsync($"DROP SCHEMA {_schema} CASCADE");
        }
    }

    [Theory]
    [InlineData(Hop.Prepared, "postgresql-15")]
    [InlineData(Hop.Set, "postgresql-15")]
    [InlineData(Hop.Proved, "redis-7")]
    [InlineData(Hop.Set, "mariadb-10.11")]
    public async Task Reset_NodeKilledAtHop_IsFinishedByTheOther(Hop hop, string name)
    {
        var server = Lab.Server(name);
        await using var accounts = new LabAccounts(server);
        await _first.StartAsync(hop.ToString());
        await _second.StartAsync();
        var instance = await _second.Api.RegisterAsync(server);
        var user = await accounts.CreateAsync();
        (await _second.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);

        var reset = _first.Api.ResetAsync(instance, user);
        await _first.UntilPausedAsync(hop.ToString(), 1);

        // It is the first node's for as long as its lease runs, dead or not: nobody serves a password meanwhile.
        await _first.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(reset);
        (await _second.Api.SecretAsync(instance, user)).ShouldBe(HttpStatusCode.Conflict);
        await AdvanceAsync("61 s");

        (await _second.Api.EndedResetsAsync(instance, user)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");
        var secret = await _second.Api.SecretAsync(instance, user);
        (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    public async Task Reset_KeepOldForAndTheNodeDies_TheOtherDiscardsTheOldOne()
    {
        var server = Lab.Server("redis-7");
        await using var accounts = new LabAccounts(server);
        await _first.StartAsync();
        await _second.StartAsync();
        var instance = await _second.Api.RegisterAsync(server);
        var user = await accounts.CreateAsync();
        (await _second.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        var reset = await _first.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/reset", new System.Text.Json.Nodes.JsonObject { ["keep_old_for_seconds"] = 3600 });
        reset.ShouldBe(HttpStatusCode.OK);
        await _first.KillAsync();
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);

        await AdvanceAsync("61 min");

        var started = TimeProvider.System.GetTimestamp();
        while (await accounts.LoginAsync(user, LabAccounts.OldPassword) == Login.Accepted)
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(60));
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await _second.Api.EndedResetsAsync(instance, user))[0]["operation"]!.ToString().ShouldBe("keyturn.discard_old");
    }

    [Fact]
    public async Task Reset_SameAccountOnBothNodesAtOnce_BothServeTheLastOne()
    {
        var server = Lab.Server("postgresql-15");
        await using var accounts = new LabAccounts(server);
        await _first.StartAsync();
        await _second.StartAsync();
        var instance = await _first.Api.RegisterAsync(server);
        var user = await accounts.CreateAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => (i % 2 == 0 ? _first : _second).Api.ResetAsync(instance, user, $"Given-{i}-by-a-caller")));

        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.OK || answer.Status == HttpStatusCode.Conflict);
        answers.ShouldContain(answer => answer.Status == HttpStatusCode.OK);
        var password = (await _first.Api.SecretAsync(instance, user))["password"]!;
        (await _second.Api.SecretAsync(instance, user))["password"].ShouldBe(password);
        (await accounts.LoginAsync(user, password)).ShouldBe(Login.Accepted);
    }

    /// <summary>The store's clock.</summary>
    private Task AdvanceAsync(string time) =>
        ExecuteAsync($"CREATE OR REPLACE FUNCTION {_schema}.keyturn_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp() + interval ''{time}'''");

    private static Task ExecuteAsync(string sql) => new PostgreSqlLab(Lab.Server("postgresql-15")).ExecuteAsync(sql);
}
