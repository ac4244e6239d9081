using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Ddm;

public sealed class DdmInstancesTests : IAsyncLifetime
{
    private DdmServer _ddm = null!;

    public async ValueTask InitializeAsync() => _ddm = await DdmServer.StartAsync();

    public ValueTask DisposeAsync() => _ddm.DisposeAsync();

    private string Instances(string version) => $"/{version}/{_ddm.ProjectId}/instances";

    [Fact]
    public async Task Get_Version1_IsTheInstanceAsItIs()
    {
        await _ddm.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", """{"attributes":{"availability-zone":"eu-de-01,eu-de-02","vpc-id":"v","endpoint":"shop.example","size":"ddm.c6.large"}}""");

        var shop = (JsonObject)await _ddm.GetAsync($"{Instances("v1")}/{_ddm.Shop}");

        shop["created"]!.GetValue<string>().ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$");
        shop.Remove("created");
        shop.Remove("updated");
        shop.ToJsonString().ShouldBe(
            $$"""
            {"id":"{{_ddm.Shop}}","status":"RUNNING","name":"shop","available_zone":"eu-de-01,eu-de-02","vpc_id":"v","node_count":1,"access_ip":"shop.example",
            "access_port":"5432","node_status":"normal","project_id":"{{_ddm.ProjectId}}","engine_version":"15.3","enable_ssl":true,"flavor_ref":"ddm.c6.large",
            "enterprise_project_id":"0","admin_user_name":"admin","nodes":[{"node_id":"{{_ddm.Shop[..32]}}-1","status":"RUNNING","ip":"db.example","port":"5432"}]}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task Get_Version3_IsAListOfOne()
    {
        var answer = await _ddm.GetAsync($"{Instances("v3")}/{_ddm.Shop}");

        answer["instances"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>().ShouldBe(_ddm.Shop);
    }

    [Theory]
    [InlineData("frozen", "RUNNING")]
    [InlineData("abnormal", "ERROR")]
    [InlineData("creating", "CREATING")]
    [InlineData("modifying", "RESIZING")]
    [InlineData("restarting", "RESTARTING")]
    [InlineData("restoring", "RESTORE")]
    [InlineData("storage-full", "ERROR")]
    public async Task Get_Status_IsOneOfTheirs(string status, string shown)
    {
        await _ddm.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", $$"""{"status":"{{status}}"}""");

        (await _ddm.GetAsync($"{Instances("v1")}/{_ddm.Shop}"))["status"]!.GetValue<string>().ShouldBe(shown);
    }

    [Fact]
    public async Task Get_InstanceThatCannotBeReached_IsRunningWithAnAbnormalNode()
    {
        _ddm.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
        using var refused = await _ddm.ResetAsync();

        var shop = await _ddm.GetAsync($"{Instances("v1")}/{_ddm.Shop}");

        shop["status"]!.GetValue<string>().ShouldBe("RUNNING");
        shop["node_status"]!.GetValue<string>().ShouldBe("abnormal");
        shop["error_msg"]!.GetValue<string>().ShouldBe("Nothing listens.");
    }

    [Fact]
    public async Task Get_UnknownInstance_IsNotFound()
    {
        using var response = await _ddm.SendAsync(HttpMethod.Get, $"{Instances("v1")}/ba62a0b83a1b42bfab275829d86ac0fdin09");

        await response.ShouldBeErrorAsync(404, "DBS.200002", "The DB instance does not exist.");
    }

    [Fact]
    public async Task List_Version1_HasThoseOfMySqlAndItsPages()
    {
        await _ddm.Running.RegisterAsync("mysql", "bakery");
        await _ddm.Running.RegisterAsync("postgresql");

        var all = await _ddm.GetAsync(Instances("v1"));
        var second = await _ddm.GetAsync($"{Instances("v1")}?offset=1&limit=1");
        var behind = await _ddm.GetAsync($"{Instances("v1")}?offset=2");

        Names(all).ShouldBe(["bakery", "shop"]);
        Names(second).ShouldBe(["shop"]);
        Names(behind).ShouldBeEmpty();
        second.AsObject().Remove("instances");
        second.ToJsonString().ShouldBe("""{"instance_num":2,"page_no":2,"page_size":1,"total_record":2,"total_page":2}""");
    }

    /// <summary>At an address that several dialects share, version 3's list is DDS's.</summary>
    [Fact]
    public async Task List_Version3AtAnAddressOfItsOwn_IsDdms()
    {
        await using var running = await RunningServer.StartAsync(options => options with { Dialects = [new("ddm", "http://127.0.0.2:0")] });
        await running.RegisterAsync("mysql", "shop");
        var (client, project) = await DdmServer.SignInAsync(running, Scopes.All);
        using (client)
        {
            var own = running.Addresses.Single(address => address.Host == "127.0.0.2");

            var list = JsonNode.Parse(await client.GetStringAsync(new Uri(own, $"/v3/{project.Id:N}/instances")))!;
            using var judged = await client.PostAsync(new Uri(own, $"/v3/{project.Id:N}/weak-password-verification"), new StringContent("""{"password":"Password1"}""", Encoding.UTF8, "application/json"));

            Names(list).ShouldBe(["shop"]);
            list["total"]!.GetValue<int>().ShouldBe(1);
            await judged.ShouldBeAsync(200, """{"is_weak_password":true,"weak":true}""");
        }
    }

    private static IEnumerable<string> Names(JsonNode list) => list["instances"]!.AsArray().Select(instance => instance!["name"]!.GetValue<string>());
}
