using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Api;

public sealed class ImportEndpointTests : IAsyncLifetime
{
    private const string Import = "/api/v1/instances/pg/import";
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql", "pg");
        foreach (var user in new[] { "app", "nightly", "rdsadmin", "pg_monitor" })
        {
            _server.Postgres.Passwords[user] = "Pr3sent-password";
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Import_All_LeavesOutTheServersOwnAndHoldsNoPassword()
    {
        var before = new Dictionary<string, string>(_server.Postgres.Passwords);

        var (status, answer) = await _server.PostAsync(Import, """{"all":true}""");

        status.ShouldBe(HttpStatusCode.OK, answer.ToJsonString());
        ResultsOf(answer).ShouldBe([("admin", "held"), ("app", "imported"), ("nightly", "imported"), ("pg_monitor", "skipped"), ("rdsadmin", "skipped")]);
        _server.Postgres.Passwords.ShouldBe(before);
        _server.Postgres.Changes.ShouldBe(0);
        var app = await ListedAsync("app");
        (app["held"]!.GetValue<bool>(), app["has_password"]!.GetValue<bool>()).ShouldBe((true, false));
        (await ListedAsync("admin"))["has_password"]!.GetValue<bool>().ShouldBeTrue();
        (await _server.GetAsync("/api/v1/instances/pg/accounts/app/secret")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _server.PostAsync("/api/v1/instances/pg/accounts/app/verify")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _server.GetAsync("/api/v1/audit?limit=5")).Body["entries"]!.AsArray().Select(entry => ($"{entry!["action"]}", $"{entry["account"]}")).ShouldContain(("account.import", "nightly"));
    }

    [Fact]
    public async Task Import_Again_ChangesNothing()
    {
        await _server.PostAsync(Import, """{"accounts":[{"user":"app","proof":"readback"}]}""");

        var (_, answer) = await _server.PostAsync(Import, """{"accounts":[{"user":"app","proof":"login"},{"user":"app"}]}""");

        ResultsOf(answer).ShouldBe([("app", "held"), ("app", "held")]);
        (await ListedAsync("app"))["proof"]!.GetValue<string>().ShouldBe("readback");
    }

    [Fact]
    public async Task Import_DryRun_OnlySays()
    {
        var (_, answer) = await _server.PostAsync(Import, """{"all":true,"dry_run":true}""");

        ResultsOf(answer).ShouldContain(("app", "importable"));
        (await ListedAsync("app"))["held"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Import_Named_SaysOfEachWhyNot()
    {
        var (status, answer) = await _server.PostAsync(Import, """{"accounts":[{"user":"nobody"},{"user":"rdsadmin"},{"user":"app"},{"user":"admin","host":"x"}]}""");

        status.ShouldBe(HttpStatusCode.OK);
        ResultsOf(answer).ShouldBe([("nobody", "refused"), ("rdsadmin", "refused"), ("app", "imported"), ("admin@x", "refused")]);
        answer["accounts"]![0]!["reason"]!.GetValue<string>().ShouldBe("There is no account nobody.");
        answer["accounts"]![1]!["reason"]!.GetValue<string>().ShouldContain("Amazon RDS");
    }

    [Fact]
    public async Task Import_ThenAdoptResetOrSchedule_AsIfKeyturnHadAlwaysKnownIt()
    {
        await _server.PostAsync(Import, """{"accounts":[{"user":"app"},{"user":"nightly"}]}""");

        (await _server.SendAsync(HttpMethod.Put, "/api/v1/instances/pg/accounts/app/schedule", """{"every_days":30}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.PostAsync("/api/v1/instances/pg/accounts/app/adopt", """{"password":"Pr3sent-password"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.PostAsync("/api/v1/instances/pg/accounts/nightly/reset")).Status.ShouldBe(HttpStatusCode.OK);

        (await ListedAsync("app"))["has_password"]!.GetValue<bool>().ShouldBeTrue();
        (await ListedAsync("nightly"))["has_password"]!.GetValue<bool>().ShouldBeTrue();
        _server.Postgres.Passwords["nightly"].ShouldNotBe("Pr3sent-password");
        (await HeldAsync("?instance=pg")).Count(account => $"{account["user"]}" == "app").ShouldBe(1);
    }

    [Fact]
    public async Task Import_UsersWithRows_AreOneAccountUnlessARowIsHeld()
    {
        await _server.RegisterAsync("mariadb", "maria");
        foreach (var key in new[] { "app", "app@10.0.0.%", "solo@localhost", "rows", "rows@h" })
        {
            _server.MariaDb.Passwords[key] = "Pr3sent-password";
        }

        await _server.PostAsync("/api/v1/instances/maria/accounts/rows/adopt?host=h", """{"password":"Pr3sent-password","proof":"readback"}""");

        var (_, answer) = await _server.PostAsync("/api/v1/instances/maria/import", """{"all":true}""");
        var (_, named) = await _server.PostAsync("/api/v1/instances/maria/import", """{"accounts":[{"user":"APP"},{"user":"app","host":"%"},{"user":"rows"},{"user":"solo","host":"LOCALHOST"}]}""");

        ResultsOf(answer).Where(line => line.Name != "admin").ShouldBe([("app", "imported"), ("rows@%", "imported"), ("rows@h", "held"), ("solo", "imported")]);
        ResultsOf(named).ShouldBe([("APP", "refused"), ("app@%", "refused"), ("rows", "refused"), ("solo@LOCALHOST", "refused")]);
        named["accounts"]![1]!["reason"]!.GetValue<string>().ShouldBe("The user is held as app: name the account like that.");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"all":true,"accounts":[{"user":"app"}]}""")]
    [InlineData("""{"accounts":[]}""")]
    [InlineData("""{"accounts":[{"host":"x"}]}""")]
    [InlineData("""{"accounts":[null]}""")]
    [InlineData("""{"all":"yes"}""")]
    public async Task Import_UnclearBody_IsMalformed(string body)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Import, body));

        await response.ProblemAsync("malformed", 400);
    }

    [Fact]
    public async Task Import_ServerDown_IsAProblemAndNothingIsHeld()
    {
        _server.Postgres.Down = new Engines.Failure(Engines.EngineError.Unreachable, "Nobody answers.");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Import, """{"all":true}"""));

        await response.ProblemAsync("engine", 424);
        (await HeldAsync("")).Select(account => $"{account["user"]}").ShouldBe(["admin"]);
    }

    [Fact]
    public async Task Import_OtherProjectOrReaderOnly_IsRefused()
    {
        using var missing = await _server.Stranger.SendAsync(_server.Request(HttpMethod.Post, Import, """{"all":true}"""));
        await missing.ProblemAsync("instance-missing", 404);

        using var reader = await _server.ClientAsync("keyturn:account:read");
        using var forbidden = await reader.SendAsync(_server.Request(HttpMethod.Post, Import, """{"all":true}"""));
        await forbidden.ProblemAsync("forbidden", 403);
    }

    [Fact]
    public async Task Accounts_Pages_HaveEachHeldAccountOnceAndNeedNoServer()
    {
        await _server.PostAsync(Import, """{"all":true}""");
        await _server.RegisterAsync("redis", "cache");
        await _server.SendAsync(HttpMethod.Put, "/api/v1/instances/pg/accounts/app/schedule", """{"every_days":30}""");
        _server.Postgres.Down = new Engines.Failure(Engines.EngineError.Unreachable, "Nobody answers.");

        var all = new List<JsonNode>();
        for (string? after = ""; after is not null;)
        {
            var (status, page) = await _server.GetAsync($"/api/v1/accounts?limit=1{after}");
            status.ShouldBe(HttpStatusCode.OK);
            all.AddRange(page["accounts"]!.AsArray().Select(account => account!));
            after = page["next"] is { } next ? $"&after={next}" : null;
        }

        all.Select(account => $"{account["instance"]}/{account["user"]} {account["has_password"]} {account["is_admin"]} {account["schedule"]?["every_days"]}").Order(StringComparer.Ordinal)
            .ShouldBe(["cache/admin true true ", "pg/admin true true ", "pg/app false  30", "pg/nightly false  "]);
        (await HeldAsync("?instance=cache")).Count.ShouldBe(1);
        using var stranger = await _server.Stranger.GetAsync("/api/v1/accounts");
        (await stranger.Content.ReadAsStringAsync()).ShouldBe("""{"accounts":[]}""");
        using var unknown = await _server.Client.GetAsync("/api/v1/accounts?instance=none");
        await unknown.ProblemAsync("instance-missing", 404);
    }

    [Fact]
    public async Task Check_Instance_NamesTheBrokenRulesAndStoresNothing()
    {
        var (status, answer) = await _server.PostAsync(
            "/api/v1/instances/check", """{"name":"a b","engine":"postgresql","nodes":[],"admin":{"user":"x"},"statement_limit_seconds":99,"attributes":{"colour":"red"}}""");
        var (_, good) = await _server.PostAsync("/api/v1/instances/check", """{"name":"new","engine":"postgresql","nodes":[{"host":"db","port":1}],"admin":{"user":"x"}}""");

        status.ShouldBe(HttpStatusCode.OK);
        answer["violations"]!.AsArray().Select(violation => $"{violation!["rule"]}").ShouldBe(["name", "statement-limit", "attributes", "nodes"]);
        good["violations"]!.AsArray().ShouldBeEmpty();
        (await _server.GetAsync("/api/v1/instances")).Body["instances"]!.AsArray().Count.ShouldBe(1);
        (await _server.GetAsync("/api/v1/instances/check")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static List<(string Name, string Result)> ResultsOf(JsonNode answer) =>
        [.. answer["accounts"]!.AsArray().Select(account => ($"{account!["name"]}", $"{account["result"]}"))];

    private async Task<List<JsonNode>> HeldAsync(string query) => [.. (await _server.GetAsync($"/api/v1/accounts{query}")).Body["accounts"]!.AsArray().Select(account => account!)];

    private async Task<JsonNode> ListedAsync(string user) =>
        (await _server.GetAsync("/api/v1/instances/pg/accounts")).Body["accounts"]!.AsArray().Single(account => $"{account!["name"]}" == user)!;
}
