using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Passwords that Keyturn changes by itself: on real servers, by the real program, also when it is killed.</summary>
public sealed class ScheduleTests : RotationTest
{
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
        Keyturn.Output.ShouldNotContain(held);
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
        await Keyturn.KillAsync();
        await MakeDueAsync();
        await Keyturn.StartAsync(pauseAt: hop);
        await Keyturn.UntilPausedAsync(hop, 1);
        await Keyturn.KillAsync();

        await EndLeasesAsync();
        await Keyturn.StartAsync();

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
        await using var other = Keyturn.AnotherNode();
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
        await Keyturn.UntilWrittenAsync("was not rotated");

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

    private Task MakeDueAsync() => ExecuteAsync($"UPDATE {Schema}.schedules SET due_at = due_at - interval '31 days', next_attempt_at = due_at - interval '31 days'");

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

            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30), Keyturn.Output);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }
}
