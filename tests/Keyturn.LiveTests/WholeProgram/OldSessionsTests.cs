using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Sessions that were opened with the old password: counted, and ended only when somebody asks for it.</summary>
public sealed class OldSessionsTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>
{
    /// <summary>Ages are whole seconds on Redis, and what is within two seconds of the change is not told apart.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(4);

    public static TheoryData<string> Servers { get; } = ["postgresql-15", "mysql-9.7", "mariadb-10.11", "redis-7", "valkey-9"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task EndSessions_AfterAReset_EndsThoseOfBeforeAndNoOther(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        var instance = await keyturn.Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(accounts.Server.Superuser) });
        var (user, other) = (await accounts.CreateAsync(), await accounts.CreateAsync());
        await using var old = await StayingSession.OpenAsync(accounts.Server, user, LabAccounts.OldPassword);
        await using var bystander = await StayingSession.OpenAsync(accounts.Server, other, LabAccounts.OldPassword);
        await Task.Delay(Apart, TimeProvider.System);
        var reset = await keyturn.Api.ResetAsync(instance, user);
        reset.ShouldBe(HttpStatusCode.OK);
        await Task.Delay(Apart, TimeProvider.System);
        await using var present = await StayingSession.OpenAsync(accounts.Server, user, reset["password"]!);

        CountsOf(await keyturn.Api.GetAsync($"{KeyturnApi.PathOf(instance, user)}/sessions")).ShouldBe("old 1, unclear 0, new 1, ended ");
        (await old.IsAliveAsync()).ShouldBeTrue("a reset ends no session by itself");
        CountsOf(await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/end-sessions", body: null)).ShouldBe("old 1, unclear 0, new 1, ended 1");

        (await old.IsAliveAsync()).ShouldBeFalse();
        (await present.IsAliveAsync()).ShouldBeTrue();
        (await bystander.IsAliveAsync()).ShouldBeTrue();
        CountsOf(await keyturn.Api.GetAsync($"{KeyturnApi.PathOf(instance, user)}/sessions")).ShouldBe("old 0, unclear 0, new 1, ended ");
    }

    [Theory]
    [InlineData("postgresql-15")]
    [InlineData("mysql-9.7")]
    public async Task Reset_EndSessions_EndsThoseOfBeforeWithIt(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        var instance = await keyturn.Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(accounts.Server.Superuser) });
        var user = await accounts.CreateAsync();
        await using var old = await StayingSession.OpenAsync(accounts.Server, user, LabAccounts.OldPassword);
        await Task.Delay(Apart, TimeProvider.System);

        var reset = await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/reset", new JsonObject { ["end_sessions"] = true });

        reset.ShouldBe(HttpStatusCode.OK);
        ((int)reset.Body["sessions"]!["nodes"]![0]!["ended"]!).ShouldBe(1, reset.Body.ToJsonString());
        (await old.IsAliveAsync()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("postgresql-15", "pg_read_all_stats")]
    [InlineData("mysql-9.7", "GRANT PROCESS ON *.*")]
    [InlineData("mariadb-10.11", "GRANT PROCESS ON *.*")]
    public async Task Sessions_AdminIsNotShownThem_NamesTheGrantThatSuffices(string name, string grant)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin);
        var instance = await keyturn.Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });
        var user = await accounts.CreateAsync();
        await using var old = await StayingSession.OpenAsync(accounts.Server, user, LabAccounts.OldPassword);
        (await keyturn.Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);

        var answer = await keyturn.Api.GetAsync($"{KeyturnApi.PathOf(instance, user)}/sessions");

        answer.ShouldBe(HttpStatusCode.OK);
        ((bool)answer.Body["is_complete"]!).ShouldBeFalse();
        var node = answer.Body["nodes"]![0]!;
        node["old"].ShouldBeNull();
        node["cause"]!.ToString().ShouldBe("admin-lacks-privilege");
        node["detail"]!.ToString().ShouldContain(grant);

        await accounts.ExecuteAsync(node["detail"]!.ToString().Split("Missing: ")[1]);
        ((bool)(await keyturn.Api.GetAsync($"{KeyturnApi.PathOf(instance, user)}/sessions")).Body["is_complete"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task EndSessions_OfTheAdminLogin_IsRefused()
    {
        var server = Lab.Server("postgresql-15");
        var instance = await keyturn.Api.RegisterAsync(server);

        (await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, server.Admin.User)}/end-sessions", body: null)).ShouldBe(HttpStatusCode.Forbidden);
    }

    private static string CountsOf(ApiAnswer answer)
    {
        answer.ShouldBe(HttpStatusCode.OK);
        var node = answer.Body["nodes"]!.AsArray().ShouldHaveSingleItem()!;
        return $"old {node["old"]}, unclear {node["unclear"]}, new {node["new"]}, ended {node["ended"]}";
    }
}
