using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.LiveTests.Redis;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Primaries, replicas and clusters of Redis and Valkey, from one address of them.</summary>
public sealed class RedisNodesTests(RunningKeyturn keyturn) : RedisLiveTest, IClassFixture<RunningKeyturn>
{
    public static TheoryData<string> Both { get; } = ["redis-7", "valkey-9"];

    private static readonly LabLogin Admin = new("default", "Admin-1-canary");
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(30);

    private KeyturnApi Api => keyturn.Api;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Reset_ClusterRegisteredByOneAddress_IsProvedAndPersistedOnAllSix(string name)
    {
        var server = Lab.Server(name);
        await using var cluster = await OwnCluster.StartAsync(server, primaries: 3, replicas: 3, Admin.Password, Cancel, $"user app on #{HashOf("App-1")} ~* +@all");
        var registered = await RegisterAsync(server, discover: true, cluster.Nodes[0]);
        registered.ShouldBe(HttpStatusCode.Created);
        registered.Body["nodes"]!.AsArray().Count.ShouldBe(6);
        registered.Body["nodes"]!.AsArray().Count(node => node!["role"]!.ToString() == "replica").ShouldBe(3);

        var reset = await Api.ResetAsync(registered["name"]!, "app");

        reset.ShouldBe(HttpStatusCode.OK);
        var nodes = reset.Body["reset"]!["nodes"]!.AsArray();
        nodes.Count.ShouldBe(6);
        nodes.ShouldAllBe(node => node!["step"]!.ToString() == "proved" && (bool)node["persisted"]!);
        foreach (var node in cluster.Nodes)
        {
            (await LoginAsync(server, "app", reset["password"]!, target: node.Target)).ShouldBe(Login.Accepted);
            (await LoginAsync(server, "app", "App-1", target: node.Target)).ShouldBe(Login.WrongPassword);
            (await File.ReadAllTextAsync(node.ConfigFile)).ShouldContain(HashOf(reset["password"]!));
        }
    }

    /// <summary>The admin login is the one that replicas use: all of Keyturn's own ways in, and all links, change at once.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task Reset_LoginOfAdminAndReplication_LinksComeBackAfterTheyBreak(string name)
    {
        var server = Lab.Server(name);
        await using var primary = new OwnRedis(server, $"requirepass {Admin.Password}", $"masterauth {Admin.Password}", "repl-diskless-sync-delay 0");
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"masterauth {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await LinkShouldComeUpAsync(replica, Admin.Password);
        var instance = (await RegisterAsync(server, discover: true, primary))["name"]!;

        var reset = await Api.ResetAsync(instance, "default");

        reset.ShouldBe(HttpStatusCode.OK);
        var password = reset["password"]!;
        var phases = reset.Body["reset"]!["events"]!.AsArray().Where(line => line!["node"]?.ToString() == $"127.0.0.1:{replica.Port}").Select(line => line!["phase"]!.ToString());
        phases.ShouldBe(["set", "followed", "persisted", "proved", "link up"]);
        reset.Body.ToJsonString().ShouldNotContain(Admin.Password);
        await ExecuteAsync(primary, password, "CLIENT", "KILL", "TYPE", "replica");
        await LinkShouldComeUpAsync(replica, password);
        await replica.RestartAsync(Cancel);
        await LinkShouldComeUpAsync(replica, password);
        (await Api.ResetAsync(instance, "default")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Register_PrimaryWithoutItsReplica_WarnsThenDiscoverTakesItAndItJoins(string name)
    {
        var server = Lab.Server(name);
        string[] app = [$"user app on #{HashOf("App-1")} ~app:* (~other:* +get) -@all +set"];
        await using var primary = new OwnRedis(server, [$"requirepass {Admin.Password}", "repl-diskless-sync-delay 0", .. app]);
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"masterauth {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await LinkShouldComeUpAsync(replica, Admin.Password);
        var registered = await RegisterAsync(server, discover: false, primary);
        registered.ShouldBe(HttpStatusCode.Created);
        registered.Body["warnings"]!.AsArray().ShouldHaveSingleItem()!.ToString().ShouldContain($"127.0.0.1:{replica.Port}, which is not registered");
        var path = $"/api/v1/instances/{registered["name"]}";
        var password = (await Api.ResetAsync(registered["name"]!, "app"))["password"].ShouldNotBeNull();

        var found = await Api.GetAsync($"{path}/discover");
        found.Body["nodes"]!.AsArray().Select(node => (node!["address"]!.ToString(), (bool)node["registered"]!, (bool)node["usable"]!)).ShouldBe(
            [($"127.0.0.1:{primary.Port}", true, true), ($"127.0.0.1:{replica.Port}", false, false)]);
        found.Body["nodes"]![1]!["error"]!["detail"]!.ToString().ShouldContain("without verified TLS");
        var taken = await Api.PostAsync($"{path}/discover", body: null);
        taken.ShouldBe(HttpStatusCode.OK);
        taken.Body["joining"]!.AsArray().ShouldHaveSingleItem()!.ToString().ShouldBe($"127.0.0.1:{replica.Port}");
        await JoinedAsync(path);

        (await LoginAsync(server, "app", password, target: replica.Target)).ShouldBe(Login.Accepted);
        (await RuleAsync(replica, "app")).ShouldBe(await RuleAsync(primary, "app"));
        (await File.ReadAllTextAsync(replica.ConfigFile)).ShouldContain($"user app ");
        (await Api.SecretAsync(registered["name"]!, "app"))["password"].ShouldBe(password);
        (await Api.ResetAsync(registered["name"]!, "app")).Body["reset"]!["nodes"]!.AsArray().Count.ShouldBe(2);
    }

    /// <summary>The program dies at each hop of the reset that brings a new node its passwords.</summary>
    [Theory]
    [InlineData("Connected")]
    [InlineData("Prepared")]
    [InlineData("Set")]
    [InlineData("Persisted")]
    [InlineData("Proved")]
    [InlineData("Finished")]
    public async Task Join_ProgramIsKilledAtAHop_TheNextOneFinishes(string hop)
    {
        var server = Lab.Server("redis-7");
        await using var mine = await KeyturnProcess.CreateAsync();
        await mine.StartAsync();
        await using var first = new OwnRedis(server, $"requirepass {Admin.Password}", $"user app on #{HashOf("App-1")} ~* +@all");
        await using var second = new OwnRedis(server, $"requirepass {Admin.Password}");
        await first.StartAsync(Cancel);
        await second.StartAsync(Cancel);
        var instance = (await RegisterAsync(server, discover: false, [first], mine.Api))["name"]!;
        var password = (await mine.Api.ResetAsync(instance, "app"))["password"].ShouldNotBeNull();
        await mine.KillAsync();
        await mine.StartAsync(hop);
        var path = $"/api/v1/instances/{instance}";
        (await mine.Api.SendAsync(HttpMethod.Patch, path, new JsonObject { ["nodes"] = NodesOf(first, second) })).ShouldBe(HttpStatusCode.OK);
        await mine.UntilPausedAsync(hop, count: 1);
        await mine.KillAsync();
        await mine.StartAsync();

        await JoinedAsync(path, mine.Api, LeaseLimit);

        (await LoginAsync(server, "app", password, target: first.Target)).ShouldBe(Login.Accepted);
        (await LoginAsync(server, "app", password, target: second.Target)).ShouldBe(Login.Accepted);
        (await mine.Api.SecretAsync(instance, "app"))["password"].ShouldBe(password);
    }

    /// <summary>
    /// The login of Keyturn and of the replication alike: when the program dies, the primary has the new password and the replica, which Keyturn has to
    /// come in to as well, the old one.
    /// </summary>
    [Theory]
    [InlineData("Set")]
    [InlineData("Persisted")]
    [InlineData("Proved")]
    [InlineData("Finished")]
    public async Task Reset_LoginOfAdminAndReplicationAndProgramIsKilled_LinkIsMendedByTheNextOne(string hop)
    {
        var server = Lab.Server("redis-7");
        await using var mine = await KeyturnProcess.CreateAsync();
        await mine.StartAsync();
        await using var primary = new OwnRedis(server, $"requirepass {Admin.Password}", "repl-diskless-sync-delay 0");
        await using var replica = new OwnRedis(server, $"requirepass {Admin.Password}", $"masterauth {Admin.Password}", $"replicaof 127.0.0.1 {primary.Port}");
        await primary.StartAsync(Cancel);
        await replica.StartAsync(Cancel);
        await LinkShouldComeUpAsync(replica, Admin.Password);
        var instance = (await RegisterAsync(server, discover: true, [primary], mine.Api))["name"]!;
        await mine.KillAsync();
        await mine.StartAsync(hop);
        await using var before = await RedisClient.ConnectAsync("127.0.0.1", primary.Port, new WireTls(WireTlsMode.Disable), Cancel);
        await OkAsync(before, "AUTH", Admin.User, Admin.Password);
        var reset = mine.Api.ResetAsync(instance, "default");
        await mine.UntilPausedAsync(hop, count: 1);
        await before.ExecuteAsync(new RespCommand("CLIENT", "KILL", "TYPE", "replica"), Cancel);
        if (hop != "Finished")
        {
            await LinkShouldBecomeAsync("down", replica, Admin.Password);
        }

        await mine.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(reset);
        await mine.StartAsync();

        (await mine.Api.EndedResetsAsync(instance, "default")).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");

        var password = (await mine.Api.SecretAsync(instance, "default"))["password"].ShouldNotBeNull();
        await LinkShouldComeUpAsync(replica, password);
        await replica.RestartAsync(Cancel);
        await LinkShouldComeUpAsync(replica, password);
    }

    /// <summary>Over verified TLS, by which the replica is told of too. It is in the lab only where it was asked for.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task Register_LabsPrimaryOverTls_FindsItsReplica(string name)
    {
        var (primary, replica) = (Lab.Server(name), Lab.Server($"{name}-replica"));

        var registered = await Api.TryRegisterAsync(primary, new JsonObject { ["discover"] = true });

        registered.ShouldBe(HttpStatusCode.Created);
        registered.Body["nodes"]!.AsArray().Select(node => (int)node!["port"]!).ShouldBe([primary.Port, replica.Port]);
    }

    private static readonly TimeSpan LeaseLimit = TimeSpan.FromSeconds(50);

    private Task<ApiAnswer> RegisterAsync(LabServer server, bool discover, params OwnRedis[] nodes) => RegisterAsync(server, discover, nodes, Api);

    private static Task<ApiAnswer> RegisterAsync(LabServer server, bool discover, OwnRedis[] nodes, KeyturnApi api) => api.TryRegisterAsync(server, new JsonObject
    {
        ["nodes"] = NodesOf(nodes),
        ["tls"] = new JsonObject { ["mode"] = "disable" },
        ["admin"] = KeyturnApi.Login(Admin),
        ["discover"] = discover,
    });

    private static JsonArray NodesOf(params OwnRedis[] nodes) => new([.. nodes.Select(node => (JsonNode)KeyturnApi.NodeAt("127.0.0.1", node.Port))]);

    private Task JoinedAsync(string path) => JoinedAsync(path, Api, JoinLimit);

    private async Task JoinedAsync(string path, KeyturnApi api, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        while ((await api.GetAsync(path)).Body["joining"] is not null)
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(limit, (await api.GetAsync($"{path}/inspect")).Body.ToJsonString());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }

    /// <summary>All that a user may do, and its password's hash. Redis 7.0 does not say of users of its configuration file that payloads are looked at.</summary>
    private async Task<string> RuleAsync(OwnRedis server, string user)
    {
        var rules = (await ExecuteAsync(server, Admin.Password, "ACL", "LIST")).ShouldBeOfType<RespList>().Items.Cast<RespText>().Select(rule => rule.Text);
        return rules.Single(rule => rule.StartsWith($"user {user} ", StringComparison.Ordinal)).Replace(" sanitize-payload", "", StringComparison.Ordinal);
    }

    private Task LinkShouldComeUpAsync(OwnRedis replica, string password) => LinkShouldBecomeAsync("up", replica, password);

    private async Task LinkShouldBecomeAsync(string status, OwnRedis replica, string password)
    {
        while (!(await ExecuteAsync(replica, password, "INFO", "replication")).ShouldBeOfType<RespText>().Text.Contains($"master_link_status:{status}", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }

    private async Task<RespValue> ExecuteAsync(OwnRedis server, string password, params string[] words)
    {
        await using var client = await RedisClient.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), Cancel);
        await OkAsync(client, "AUTH", Admin.User, password);
        return await client.ExecuteAsync(new RespCommand(words), Cancel);
    }
}
