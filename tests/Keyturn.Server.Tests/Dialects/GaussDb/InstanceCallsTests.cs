using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.GaussDb;

public sealed class InstanceCallsTests : IAsyncLifetime
{
    private const string Extra =
        ""","tags":{"stage":"test","empty":""},"attributes":{"vpc-id":"vpc1","size":"gaussdb.mysql.xlarge.x86.4","storage-gib":"40","region":"eu-nl","enterprise-project-id":"ep1"}""";

    private GaussDbServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GaussDbServer.StartAsync(Extra);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/mysql/v3")]
    [InlineData("/v3")]
    public async Task Get_Instance_HasTheTypesThatClientsParse(string version)
    {
        using var response = await _server.GetAsync($"{version}/{_server.Project}/instances/{_server.Instance}");

        var created = await CreatedAsync();
        await response.ShouldBeAsync(200,
            $$$"""
            {"instance":{"id":"{{{_server.Instance}}}","name":"orders","status":"ACTIVE","type":"Cluster","port":"5432","public_ips":"","region":"eu-nl",
            "datastore":{"type":"gaussdb-mysql","version":"15.3","kernel_version":"15.3"},"backup_strategy":{"start_time":"","keep_days":"0"},
            "charge_info":{"charge_mode":"postPaid","order_id":""},"flavor_ref":"gaussdb.mysql.xlarge.x86.4","db_user_name":"root","time_zone":"UTC\u002B08:00",
            "vpc_id":"vpc1","subnet_id":"","security_group_id":"","enterprise_project_id":"ep1","dedicated_resource_id":"",
            "tags":[{"key":"empty","value":""},{"key":"stage","value":"test"}],"created":"{{{created}}}","updated":"{{{created}}}",
            "project_id":"{{{_server.Project}}}","alias":"","configuration_id":"","az_mode":"single","master_az_code":"","maintenance_window":"","backup_used_space":0,
            "private_write_ips":["db.example"],"node_count":1,
            "nodes":[{"id":"{{{await NodeIdAsync()}}}","name":"orders_node1","type":"master","status":"ACTIVE","port":5432,"private_read_ips":["db.example"],
            "volume":{"type":"self-hosted","used":"0","size":40},"az_code":"","region_code":"eu-nl","flavor_ref":"gaussdb.mysql.xlarge.x86.4","vcpus":"","ram":"",
            "need_restart":false,"priority":1,"created":"{{{created}}}","updated":"{{{created}}}"}]}}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData("/mysql/v3")]
    [InlineData("/v3")]
    public async Task List_Instances_HasTheTypesThatClientsParse(string version)
    {
        // Of the twin the others at the same address take the plain list: see HuaweiServices.
        using var response = await _server.GetAsync($"{version}/{_server.Project}/instances?datastore_type=gaussdb-mysql");

        var created = await CreatedAsync();
        await response.ShouldBeAsync(200,
            $$$"""
            {"instances":[{"id":"{{{_server.Instance}}}","name":"orders","status":"ACTIVE","type":"Cluster","port":"5432","public_ips":[],"region":"eu-nl",
            "datastore":{"type":"gaussdb-mysql","version":"15.3","kernel_version":"15.3"},"backup_strategy":{"start_time":"","keep_days":"0"},
            "charge_info":{"charge_mode":"postPaid"},"flavor_ref":"gaussdb.mysql.xlarge.x86.4","db_user_name":"root","time_zone":"UTC\u002B08:00",
            "vpc_id":"vpc1","subnet_id":"","security_group_id":"","enterprise_project_id":"ep1","dedicated_resource_id":"",
            "tags":[{"key":"empty","value":""},{"key":"stage","value":"test"}],"created":"{{{created}}}","updated":"{{{created}}}",
            "private_ips":["db.example"],"flavor_info":{"vcpus":"","ram":""},"volume":{"type":"self-hosted","size":"40"}}],"total_count":1}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData("", "orders,shop", 2)]
    [InlineData("?offset=1", "shop", 2)]
    [InlineData("?offset=2&limit=100", "", 2)]
    [InlineData("?limit=1", "orders", 2)]
    [InlineData("?name=shop", "shop", 1)]
    [InlineData("?name=sho", "", 0)]
    [InlineData("?name=*ho", "shop", 1)]
    [InlineData("?type=Cluster&datastore_type=gaussdb-mysql", "orders,shop", 2)]
    [InlineData("?type=Single", "", 0)]
    [InlineData("?datastore_type=gaussdb-opengauss", "", 0)]
    [InlineData("?vpc_id=vpc1", "orders", 1)]
    [InlineData("?subnet_id=none", "", 0)]
    [InlineData("?private_ip=db.example&limit=1", "orders", 2)]
    [InlineData("?tags=stage%3Dtest,empty%3D", "orders", 1)]
    [InlineData("?tags=stage%3Dprod", "", 0)]
    [InlineData("?id=c3ec2c6148ad4d71b1a8411a62df0d3cin07", "", 0)]
    public async Task List_Filtered_IsTheChosenPartWithTheExactTotal(string query, string names, int total)
    {
        await _server.Running.RegisterAsync("mysql", "shop");
        await _server.Running.RegisterAsync("redis", "cache");

        using var response = await _server.GetAsync($"/mysql/v3/{_server.Project}/instances{query}");

        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        string.Join(',', answer["instances"]!.AsArray().Select(instance => instance!["name"])).ShouldBe(names);
        answer["total_count"]!.GetValue<int>().ShouldBe(total);
    }

    [Theory]
    [InlineData("?offset=-1")]
    [InlineData("?offset=x")]
    [InlineData("?limit=0")]
    [InlineData("?limit=101")]
    [InlineData("?name=*")]
    [InlineData("?tags=stage")]
    [InlineData("?tags=%3Dtest")]
    public async Task List_ConditionThatCannotBeMeant_IsAParameterError(string query)
    {
        using var response = await _server.GetAsync($"/mysql/v3/{_server.Project}/instances{query}");

        await response.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error.");
    }

    [Theory]
    [InlineData("active", "ACTIVE", "normal")]
    [InlineData("frozen", "FROZEN", "abnormal")]
    [InlineData("abnormal", "FAILED", "abnormal")]
    [InlineData("creating", "BUILD", "creating")]
    [InlineData("modifying", "MODIFYING", "normal")]
    [InlineData("restarting", "REBOOTING", "normal")]
    [InlineData("restoring", "RESTORING", "normal")]
    [InlineData("storage-full", "STORAGE FULL", "abnormal")]
    public async Task Get_AnyStatus_HasAWordInEachVersion(string status, string word, string unified)
    {
        await _server.Running.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        (await StatusAsync("/v3")).ShouldBe(word);
        (await StatusAsync("/v3.1")).ShouldBe(unified);
    }

    /// <summary>Terraform repeats a request when it sees ACTIVE: said otherwise, nobody would find out that the database is back.</summary>
    [Fact]
    public async Task Get_DatabaseThatIsDown_IsActiveAndUnifiedAbnormal()
    {
        _server.Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
        using var reset = await _server.ResetAsync();

        (await StatusAsync("/v3")).ShouldBe("ACTIVE");
        (await StatusAsync("/v3.1")).ShouldBe("abnormal");
    }

    [Theory]
    [InlineData("Test_345612")]
    [InlineData("Adm1n-Pa55word")]
    public async Task Get_AfterAReset_HasNoPassword(string password)
    {
        using var reset = await _server.ResetAsync();
        using var response = await _server.GetAsync($"/v3/{_server.Project}/instances/{_server.Instance}");

        (await response.Content.ReadAsStringAsync()).ShouldNotContain(password);
    }

    private async Task<string> StatusAsync(string version) => (await InstanceAsync(version))["status"]!.GetValue<string>();

    private async Task<string> CreatedAsync() =>
        DateTimeOffset.Parse((await _server.Running.GetAsync("/api/v1/instances/orders")).Body["created_at"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture)
            .UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + @"\u002B0000";

    private async Task<string> NodeIdAsync()
    {
        var id = (await InstanceAsync("/v3"))["nodes"]![0]!["id"]!.GetValue<string>();
        id.ShouldMatch("^[0-9a-f]{32}no07$");
        return id;
    }

    private async Task<JsonNode> InstanceAsync(string version)
    {
        using var response = await _server.GetAsync($"{version}/{_server.Project}/instances/{_server.Instance}");
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["instance"]!;
    }
}
