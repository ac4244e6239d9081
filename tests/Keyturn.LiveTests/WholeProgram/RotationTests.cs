using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.LiveTests.PostgreSql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// Passwords that Keyturn changes by itself, and its own: on real servers, by the real program, also when it is killed. Its store is on
/// PostgreSQL, where a test can say what time it is.
/// </summary>
public sealed class RotationTests : IAsyncLifetime
{
    private readonly string _schema = $"store_{Guid.NewGuid():n}";
    private readonly List<LabAccounts> _accounts = [];
    private KeyturnProcess _keyturn = null!;

    public static TheoryData<string> Servers { get; } = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7", "valkey-9"];

    private KeyturnApi Api => _keyturn.Api;

    public async ValueTask InitializeAsync()
    {
        var server = Lab.Server("postgresql-15");
        var superuser = server.Superuser;
        _keyturn = await KeyturnProcess.CreateAsync(
            $"Host={server.Host};Port={server.Port};Username={superuser.User};Password={superuser.Password};Database=postgres;Search Path={_schema};"
            + $"SSL Mode=VerifyFull;Root Certificate={Lab.CaFile}");
        await _keyturn.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_keyturn is null)
        {
            return;
        }

        await _keyturn.DisposeAsync();
        await ExecuteAsync($"DROP SCHEMA {_schema} CASCADE");
        foreach (var accounts in _accounts)
        {
            await accounts.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task RotateAdmin_OwnAdminLogin_WorksOnWithTheNewPassword(string server)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin);
        var instance = await Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });

        var rotated = await Api.PostAsync($"/api/v1/instances/{instance}/rotate-admin", body: null);

        rotated.ShouldBe(HttpStatusCode.OK);
        rotated["password"].ShouldBeNull();
        rotated.Body["reset"]!["nodes"]![0]!["proof"]!.ToString().ShouldBe("login");
        (await accounts.LoginAsync(admin.User, admin.Password)).ShouldBe(Login.WrongPassword);
        var held = (await Api.SecretAsync(instance, admin.User))["password"]!;
        (await accounts.LoginAsync(admin.User, held)).ShouldBe(Login.Accepted);
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);

        // Nothing that was warm, nothing that was remembered.
        await _keyturn.KillAsync();
        await _keyturn.StartAsync();
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("postgresql-15", "Prepared")]
    [InlineData("postgresql-15", "Set")]
    [InlineData("mariadb-10.11", "Set")]
    [InlineData("redis-7", "Set")]
    public async Task RotateAdmin_KilledInTheMiddle_IsNotShutOut(string server, string hop)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin);
        var instance = await Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });
        await _keyturn.KillAsync();
        await _keyturn.StartAsync(pauseAt: hop);

        var rotation = Api.PostAsync($"/api/v1/instances/{instance}/rotate-admin", body: null);
        await _keyturn.UntilPausedAsync(hop, 1);
        await _keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(rotation);
        await EndLeasesAsync();
        await _keyturn.StartAsync();

        (await Api.EndedResetsAsync(instance, admin.User)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");
        var held = (await Api.SecretAsync(instance, admin.User))["password"]!;
        (await accounts.LoginAsync(admin.User, held)).ShouldBe(Login.Accepted);
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Schedule_Due_IsRotatedAndServedToWhomMayReveal(string server)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var instance = await ScheduleAsync(accounts, user);
        await MakeDueAsync();

        var held = await UntilRotatedAsync(instance, user);

        (await accounts.LoginAsync(user, held)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        var reset = (await Api.EndedResetsAsync(instance, user)).ShouldHaveSingleItem();
        (reset["operation"]!.ToString(), reset["state"]!.ToString()).ShouldBe(("schedule", "done"));
        var schedule = await Api.GetAsync($"{KeyturnApi.PathOf(instance, user)}/schedule");
        schedule.Body["due_at"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddDays(29));
        _keyturn.Output.ShouldNotContain(held);
    }

    [Theory]
    [InlineData("postgresql-15", "Connected")]
    [InlineData("postgresql-15", "Prepared")]
    [InlineData("mariadb-10.11", "Set")]
    [InlineData("redis-7", "Finished")]
    public async Task Schedule_KilledInTheMiddle_OneRotationForOneDueTime(string server, string hop)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var instance = await ScheduleAsync(accounts, user);
        await _keyturn.KillAsync();
        await MakeDueAsync();
        await _keyturn.StartAsync(pauseAt: hop);
        await _keyturn.UntilPausedAsync(hop, 1);
        await _keyturn.KillAsync();

        await EndLeasesAsync();
        await _keyturn.StartAsync();

        var held = await UntilRotatedAsync(instance, user);
        (await accounts.LoginAsync(user, held)).ShouldBe(Login.Accepted);
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System);
        (await Api.EndedResetsAsync(instance, user)).Count.ShouldBe(1);
        (await Api.SecretAsync(instance, user))["password"].ShouldBe(held);
    }

    [Fact]
    public async Task Schedule_TwoNodes_RotateOnce()
    {
        var accounts = Of("postgresql-15");
        await using var other = _keyturn.AnotherNode();
        await other.StartAsync();
        var scheduled = new List<(string Instance, string User)>();
        for (var i = 0; i < 4; i++)
        {
            var user = await accounts.CreateAsync();
            scheduled.Add((await ScheduleAsync(accounts, user), user));
        }

        await MakeDueAsync();

        foreach (var (instance, user) in scheduled)
        {
            var held = await UntilRotatedAsync(instance, user);
            (await accounts.LoginAsync(user, held)).ShouldBe(Login.Accepted);
        }

        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System);
        foreach (var (instance, user) in scheduled)
        {
            (await Api.EndedResetsAsync(instance, user)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");
        }
    }

    [Fact]
    public async Task Schedule_ServerIsDown_SaysSoAndWhenItIsTriedAgain()
    {
        var accounts = Of("postgresql-15");
        var user = await accounts.CreateAsync();
        string instance;
        await using (var way = new StallingProxy(new DnsEndPoint(accounts.Server.Host, accounts.Server.Port)))
        {
            instance = await ScheduleAsync(accounts, user, new JsonObject { ["nodes"] = new JsonArray(KeyturnApi.NodeAt(accounts.Server.Host, way.Port)) });
        }

        await MakeDueAsync();
        await _keyturn.UntilWrittenAsync("was not rotated");

        var schedule = (await Api.GetAsync($"{KeyturnApi.PathOf(instance, user)}/schedule")).Body;
        schedule["last_failure"]!["cause"]!.ToString().ShouldBe("unreachable");
        schedule["next_attempt_at"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(schedule["last_failure"]!["at"]!.GetValue<DateTimeOffset>());
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
    }

    /// <summary>Adopts the account, and has it rotated every month.</summary>
    private async Task<string> ScheduleAsync(LabAccounts accounts, string user, JsonObject? changes = null)
    {
        var instance = await Api.RegisterAsync(accounts.Server, changes);
        (await Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        var schedule = await Api.SendAsync(HttpMethod.Put, $"{KeyturnApi.PathOf(instance, user)}/schedule", new JsonObject { ["every_days"] = 30 });
        schedule.ShouldBe(HttpStatusCode.OK);
        return instance;
    }

    private Task MakeDueAsync() => ExecuteAsync($"UPDATE {_schema}.schedules SET due_at = due_at - interval '31 days', next_attempt_at = due_at - interval '31 days'");

    /// <summary>What a dead process had is another's when its leases are over; a test does not wait for that.</summary>
    private Task EndLeasesAsync() =>
        ExecuteAsync($"CREATE OR REPLACE FUNCTION {_schema}.keyturn_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp() + interval ''4 min'''");

    private static Task ExecuteAsync(string sql) => new PostgreSqlLab(Lab.Server("postgresql-15")).ExecuteAsync(sql);

    private async Task<string> UntilRotatedAsync(string instance, string user)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var secret = await Api.SecretAsync(instance, user);
            if (secret["version"] is not (null or "1"))
            {
                return secret["password"]!;
            }

            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30), _keyturn.Output);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private LabAccounts Of(string server)
    {
        var accounts = new LabAccounts(Lab.Server(server));
        _accounts.Add(accounts);
        return accounts;
    }
}
