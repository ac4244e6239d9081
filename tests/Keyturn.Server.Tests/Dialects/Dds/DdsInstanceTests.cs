using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Dialects.Dds;

public sealed class DdsInstanceTests : IAsyncLifetime
{
    private DdsServer _dds = null!;

    public async ValueTask InitializeAsync() => _dds = await DdsServer.StartAsync(""","tags":{"env":"test","plain":""},"attributes":{"vpc-id":"vpc-1","storage-gib":"20"}""");

    public ValueTask DisposeAsync() => _dds.DisposeAsync();

    [Fact]
    public async Task List_OneInstance_HasTheTypesThatClientsParse()
    {
        var answer = await _dds.SendProjectAsync(HttpMethod.Get, $"/instances?id={_dds.InstanceId}");

        var shown = _dds.LastJson["instances"]![0]!;
        var (created, group, node) = (shown["created"]!, shown["groups"]![0]!["id"]!, shown["groups"]![0]!["nodes"]![0]!["id"]!);
        DateTimeOffset.Parse($"{created}Z", System.Globalization.CultureInfo.InvariantCulture).Year.ShouldBeGreaterThan(2024);
        answer.ShouldBe(DdsServer.Golden(200, $$"""
            {"instances":[{"id":"{{_dds.InstanceId}}","name":"orders","remark":"","status":"normal","port":"5432","mode":"Single","region":"default","datastore":{"type":"DDS-Community","version":"15.3","patch_available":false,"whole_version":"15.3"},"engine":"wiredTiger","created":"{{created}}","updated":"{{created}}","db_user_name":"rwuser","ssl":1,"vpc_id":"vpc-1","subnet_id":"","security_group_id":"","backup_strategy":{"start_time":"00:00-00:00","keep_days":0},"pay_mode":"0","maintenance_window":"00:00-00:00","groups":[{"type":"single","id":"{{group}}","name":"orders","status":"normal","volume":{"size":"20","used":"0"},"nodes":[{"id":"{{node}}","name":"db.example:5432","status":"normal","role":"unknown","private_ip":"db.example","public_ip":"","spec_code":"","availability_zone":""}]}],"disk_encryption_id":"","enterprise_project_id":"0","time_zone":"","actions":[],"tags":[{"key":"env","value":"test"},{"key":"plain","value":""}]}],"total_count":1}
            """));
    }

    [Theory]
    [InlineData("", "books,orders")]
    [InlineData("?name=orders", "orders")]
    [InlineData("?name=order", "")]
    [InlineData("?name=*der", "orders")]
    [InlineData("?name=*", "books,orders")]
    [InlineData("?mode=Single", "books,orders")]
    [InlineData("?mode=Sharding", "")]
    [InlineData("?datastore_type=DDS-Community", "books,orders")]
    [InlineData("?datastore_type=DDS-Enhanced", "")]
    [InlineData("?vpc_id=vpc-1", "orders")]
    [InlineData("?subnet_id=none", "")]
    [InlineData("?tags=env%3Dtest", "orders")]
    [InlineData("?tags=env%3Dtest,plain", "orders")]
    [InlineData("?tags=env%3Dprod", "")]
    [InlineData("?id=ba62a0b83a1b42bfab275829d86ac0fdin02", "")]
    [InlineData("?limit=1", "books")]
    [InlineData("?offset=1&limit=1", "orders")]
    [InlineData("?offset=2", "")]
    public async Task List_Filtered_HasTheOnesAskedFor(string query, string names)
    {
        await _dds.Server.RegisterAsync("mongodb", "books");
        await _dds.Server.RegisterAsync("mysql", "not-theirs");

        (await _dds.SendProjectAsync(HttpMethod.Get, $"/instances{query}")).ShouldStartWith("200\n");

        string.Join(',', _dds.LastJson["instances"]!.AsArray().Select(instance => instance!["name"])).ShouldBe(names);
    }

    [Fact]
    public async Task List_Page_CountsAll()
    {
        await _dds.Server.RegisterAsync("mongodb", "books");

        await _dds.SendProjectAsync(HttpMethod.Get, "/instances?offset=2");

        _dds.LastBody.ShouldBe("""{"instances":[],"total_count":2}""");
    }

    [Fact]
    public async Task List_WhileAResetIsOpen_ShowsItAsAnAction()
    {
        _dds.HangUpInTheMiddle();
        await _dds.ResetAsync("""{"user_pwd":"Zq7#hW-pL2"}""");

        (await ShownAsync())["actions"]!.ToJsonString().ShouldBe("""["RESET_PASSWORD"]""");
        (await ShownAsync())["status"]!.GetValue<string>().ShouldBe("normal");

        (_dds.Database.OnChange, _dds.Database.Down) = (null, null);
        await Eventually.ShouldAsync(async () => (await ShownAsync())["actions"]!.AsArray().Count == 0);
    }

    [Theory]
    [InlineData("frozen", "frozen", "[]")]
    [InlineData("abnormal", "abnormal", "[]")]
    [InlineData("storage-full", "data_disk_full", "[]")]
    [InlineData("creating", "creating", """["CREATE"]""")]
    [InlineData("modifying", "normal", """["MODIFYING"]""")]
    [InlineData("restarting", "normal", """["RESTARTING"]""")]
    [InlineData("restoring", "normal", """["RESTORING"]""")]
    public async Task List_Status_IsInTheirWords(string status, string theirs, string actions)
    {
        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        var shown = await ShownAsync();

        (shown["status"]!.GetValue<string>(), shown["actions"]!.ToJsonString()).ShouldBe((theirs, actions));
    }

    [Fact]
    public async Task List_Nodes_HaveIdsAndRoles()
    {
        await _dds.Server.SendAsync(
            HttpMethod.Patch, "/api/v1/instances/orders", """{"nodes":[{"host":"a","port":8635},{"host":"b","port":8635,"role":"replica"}]}""");

        var shown = await ShownAsync();

        shown["mode"]!.GetValue<string>().ShouldBe("ReplicaSet");
        var nodes = shown["groups"]![0]!["nodes"]!.AsArray();
        nodes.Select(node => node!["role"]!.GetValue<string>()).ShouldBe(["Primary", "Secondary"]);
        nodes.Select(node => node!["id"]!.GetValue<string>()).ShouldAllBe(id => id.Length == 36 && id.EndsWith("no02", StringComparison.Ordinal));
        nodes.Select(node => node!["id"]!.GetValue<string>()).ShouldBeUnique();
    }

    [Theory]
    [InlineData("/backups/policy", """{"backup_policy":{"start_time":"00:00-00:00","keep_days":0,"period":""}}""")]
    [InlineData("/monitoring-by-seconds/switch", """{"enabled":false}""")]
    [InlineData("/slowlog-desensitization/status", """{"status":"on"}""")]
    [InlineData("/auto-enlarge-volume-policy", """{"switch_option":"off","policy":{"threshold":0,"step":0,"size":0}}""")]
    [InlineData("/tags", """{"tags":[{"key":"env","value":"test"},{"key":"plain","value":""}]}""")]
    [InlineData("/balancer", """{"is_open":true,"active_window":{"start_time":"","stop_time":""}}""")]
    [InlineData("/replica-set/name", """{"name":"replica"}""")]
    [InlineData("/client-network", """{"client_network_ranges":[]}""")]
    public async Task Around_WhatTerraformReads_IsThere(string path, string body)
    {
        (await _dds.SendAsync(HttpMethod.Get, path)).ShouldBe(DdsServer.Golden(200, body));
        (await _dds.SendProjectAsync(HttpMethod.Get, $"/instances/ba62a0b83a1b42bfab275829d86ac0fdin02{path}"))
            .ShouldBe(DdsServer.Error(404, "DBS.200002", "The DB instance does not exist."));
    }

    [Fact]
    public async Task Job_OfAReset_TellsItsEnd()
    {
        await _dds.ResetAsync("""{"user_pwd":"Zq7#hW-pL2"}""");
        var id = Guid.Parse(_dds.LastResetId!).ToString("N");

        var answer = await _dds.SendProjectAsync(HttpMethod.Get, $"/jobs?id={id}", body: null, ("Host", DdsServer.OwnHost));

        var (created, ended) = (_dds.LastJson["job"]!["created"]!, _dds.LastJson["job"]!["ended"]!);
        answer.ShouldBe(DdsServer.Golden(200, $$$$"""
            {"job":{"id":"{{{{id}}}}","name":"ResetPassword","status":"Completed","created":"{{{{created}}}}","ended":"{{{{ended}}}}","progress":"100","fail_reason":"","instance":{"id":"{{{{_dds.InstanceId}}}}","name":"orders"}}}
            """));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?id=ba62a0b83a1b42bfab275829d86ac0fd")]
    public async Task Job_OfNothing_IsAParameterError(string query) =>
        (await _dds.SendProjectAsync(HttpMethod.Get, $"/jobs{query}", body: null, ("Host", DdsServer.OwnHost))).ShouldBe(DdsServer.Error(400, "DBS.280001", "Parameter error."));

    [Theory]
    [InlineData("GET", "/instances/{0}/db-roles")]
    [InlineData("POST", "/instances/{0}/reset-password")]
    [InlineData("PUT", "/instances/{0}/check-password")]
    [InlineData("GET", "/flavors")]
    public async Task Call_ThatIsNotTheirs_IsTheGateways404(string method, string path)
    {
        (await _dds.SendProjectAsync(new HttpMethod(method), path.Replace("{0}", _dds.InstanceId, StringComparison.Ordinal))).ShouldStartWith("404\n");

        _dds.LastJson["error_code"]!.GetValue<string>().ShouldBe("APIGW.0101");
    }

    private async Task<JsonNode> ShownAsync()
    {
        await _dds.SendProjectAsync(HttpMethod.Get, $"/instances?id={_dds.InstanceId}");
        return _dds.LastJson["instances"]![0]!;
    }
}
