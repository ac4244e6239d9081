using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Keyturn.LiveTests.WholeProgram;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>The program against a STAND-IN (no MongoDB): registration by connection string, reset, adopt, check, and a lost answer.</summary>
public sealed class WholeProgramTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncLifetime
{
    private StandInMongoDb _server = null!;

    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Lab.IsThere, "no lab: the stand-in needs its certificates");
        _server = StandInMongoDb.OverTls();
        _server.Add("admin", "app", "Canary-Old-1");
        _server.Add("reports", "app", "Canary-Other-1");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Register_ConnectionString_BecomesItsNodes()
    {
        var answer = await keyturn.Api.TryRegisterAsync(_server.Describe(), Nodes($"mongodb://127.0.0.1:{_server.Port},localhost:{_server.Port}/?tls=true&authSource=admin"));

        answer.ShouldBe(HttpStatusCode.Created);
        answer.Body["nodes"]!.AsArray().Select(node => $"{node!["host"]}:{node["port"]}").ShouldBe([$"127.0.0.1:{_server.Port}", $"localhost:{_server.Port}"]);
        answer["server_version"].ShouldBe(StandInConnection.Version);
    }

    [Theory]
    [InlineData("mongodb://keyturn:Canary-Uri-1@127.0.0.1/")]
    [InlineData("mongodb://127.0.0.1/?tls=false")]
    [InlineData("mongodb://127.0.0.1/?tlsInsecure=true")]
    [InlineData("postgresql://keyturn:Canary-Uri-1@127.0.0.1/")]
    public async Task Register_ConnectionStringThatCannotBeUsed_IsRefusedAndNotRepeated(string text)
    {
        var answer = await keyturn.Api.TryRegisterAsync(_server.Describe(), Nodes(text));

        ((int)answer.Status).ShouldBeInRange(400, 499, answer.Body.ToJsonString());
        answer.Body.ToJsonString().ShouldNotContain("Canary");
        _server.Commands.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reset_AccountsOfTwoDatabases_AreTwo()
    {
        var instance = await keyturn.Api.RegisterAsync(_server.Describe());

        var reset = await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, "app")}/reset?auth_database=reports", body: null);
        var adopted = await keyturn.Api.AdoptAsync(instance, "app", "Canary-Old-1");

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["account"]!.ToString().ShouldBe("reports.app");
        reset.Body["reset"]!["proof"]!.ToString().ShouldBe("login");
        adopted.ShouldBe(HttpStatusCode.OK);
        (await keyturn.Api.SecretAsync(instance, "app"))["password"].ShouldBe("Canary-Old-1");
        (await CheckAsync(instance, "?auth_database=reports", reset["password"]!)).ShouldBe("True");
        (await CheckAsync(instance, "?auth_database=admin", reset["password"]!)).ShouldBe("False");
        (await CheckAsync(instance, "?auth_database=admin", "Canary-Old-1")).ShouldBe("True");
        keyturn.Process.Output.ShouldNotContain("Canary");
    }

    [Fact]
    public async Task Reset_AnswerIsLost_IsFoundInForceAndProved()
    {
        var instance = await keyturn.Api.RegisterAsync(_server.Describe());
        _server.Knobs.HangsUpAt = "updateUser";

        var reset = await keyturn.Api.ResetAsync(instance, "app", "Canary-New-2");
        _server.Knobs.HangsUpAt = null;

        reset.ShouldBe(HttpStatusCode.Accepted);
        (await keyturn.Api.EndedResetsAsync(instance, "app"))[0]["state"]!.ToString().ShouldBe("done");
        (await CheckAsync(instance, "", "Canary-New-2")).ShouldBe("True");
    }

    [Fact]
    public async Task Sessions_BeforeAndAfterAReset_AreToldApartByTheirNumbers_AndCannotBeEnded()
    {
        var instance = await keyturn.Api.RegisterAsync(_server.Describe());
        await keyturn.Api.ResetAsync(instance, "app", "Canary-New-2");
        await using var before = await OpenAsync("Canary-New-2");
        (await keyturn.Api.ResetAsync(instance, "app", "Canary-New-3")).ShouldBe(HttpStatusCode.OK);
        await using var after = await OpenAsync("Canary-New-3");

        var told = await ToldAsync(instance);
        var ended = (await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, "app")}/end-sessions", body: null)).Body["nodes"]![0]!;

        (told["old"]!.GetValue<int>(), told["unclear"]!.GetValue<int>(), told["new"]!.GetValue<int>()).ShouldBe((1, 0, 1), told.ToJsonString());
        (ended["old"]!.GetValue<int>(), ended["ended"]).ShouldBe((1, null), ended.ToJsonString());
        ended["detail"]!.ToString().ShouldContain("cannot close it");
    }

    /// <summary>The stand-in notices when it likes that a connection of Keyturn's own is closed: no more than two are the test's.</summary>
    private async Task<JsonNode> ToldAsync(string instance)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var told = (await keyturn.Api.GetAsync($"{KeyturnApi.PathOf(instance, "app")}/sessions")).Body["nodes"]![0]!;
            if (new[] { "old", "unclear", "new" }.Sum(age => told[age]!.GetValue<int>()) <= 2 || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(10))
            {
                return told;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private async Task<MongoDbConnection> OpenAsync(string password)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Lab.CaPem);
        var connection = await MongoDbConnection.ConnectAsync("127.0.0.1", _server.Port, new WireTls(WireTlsMode.VerifyFull, roots), CancellationToken.None);
        var login = new MongoDbLogin(connection, new MongoDbCredential("app", "admin", password));
        (await login.FinishAsync(await login.GreetAsync(CancellationToken.None), CancellationToken.None)).Verdict.ShouldBe(LoginVerdict.Accepted);
        return connection;
    }

    private static JsonObject Nodes(string connectionString) => new() { ["nodes"] = new JsonArray(new JsonObject { ["host"] = connectionString }) };

    private async Task<string> CheckAsync(string instance, string query, string password)
    {
        var answer = await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, "app")}/check{query}", new JsonObject { ["password"] = password });
        answer.ShouldBe(HttpStatusCode.OK);
        return answer.Body["accepted"]!.GetValue<bool>().ToString();
    }
}
