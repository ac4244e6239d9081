namespace Keyturn.Cli.Tests.Commands;

public sealed class InstanceCommandTests
{
    private static readonly object Instance = new { id = "i-1", name = "orders", engine = "postgresql", server_version = "15.18", nodes = new[] { new { host = "db", port = 5432 } }, status = "active" };

    [Fact]
    public async Task Add_AllOptions_BecomeTheApisInstance()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["ca.pem"], "PEM");
        await using var server = await StubServer.AnsweringAsync(Instance, 201);

        var run = await CommandRun.AgainstAsync(server, "secret\n",
        [
            "instance", "add", "orders", "--engine", "mysql", "--node", "db1:3306=primary", "--node", "[::1]:3307", "--admin", "keyturn@%", "--password-stdin",
            "--tls", "verify-ca", "--tls-ca", folder["ca.pem"], "--send", "clear", "--statement-limit", "1.5", "--tag", "team=a=b", "--main-account", "root",
        ]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldContain("db:5432");
        var body = server.Requests.Single().Json;
        body.GetProperty("name").GetString().ShouldBe("orders");
        body.GetProperty("engine").GetString().ShouldBe("mysql");
        body.GetProperty("nodes").ToString().ShouldBe("""[{"host":"db1","port":3306,"role":"primary"},{"host":"::1","port":3307}]""");
        body.GetProperty("admin").ToString().ShouldBe("""{"user":"keyturn","host":"%","password":"secret"}""");
        body.GetProperty("main_account").GetString().ShouldBe("root");
        body.GetProperty("tls").ToString().ShouldBe("""{"mode":"verify-ca","ca":"PEM"}""");
        body.GetProperty("send").GetString().ShouldBe("clear");
        body.GetProperty("statement_limit_seconds").GetDouble().ShouldBe(1.5);
        body.GetProperty("tags").ToString().ShouldBe("""{"team":"a=b"}""");
    }

    [Fact]
    public async Task RotateAdmin_ByDefault_AsksForNoPassword()
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset(password: null));

        var run = await CommandRun.AgainstAsync(server, "instance", "rotate-admin", "orders", "--idempotency-key", "key-1");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        var request = server.Requests.Single();
        (request.Method, request.Target, request.Body).ShouldBe(("POST", "/api/v1/instances/orders/rotate-admin", """{"reveal":false}"""));
        request.Headers["Idempotency-Key"].ToString().ShouldBe("key-1");
    }

    [Fact]
    public async Task RotateAdmin_WriteTo_KeepsThePasswordInTheFile()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "instance", "rotate-admin", "orders", "--write-to", folder["admin"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Body.ShouldBe("""{"reveal":true}""");
        (await File.ReadAllTextAsync(folder["admin"])).Trim().ShouldBe(Answers.Password);
        run.Out.ShouldNotContain(Answers.Password);
    }

    [Fact]
    public async Task Add_ConnectionString_IsTheServersToRead()
    {
        await using var server = await StubServer.AnsweringAsync(Instance, 201);

        var run = await CommandRun.AgainstAsync(server, "secret\n",
        [
            "instance", "add", "docs", "--engine", "mongodb", "--node", "mongodb://h1,h2:27018/?replicaSet=rs0", "--admin", "keyturn", "--admin-database", "ops", "--password-stdin",
        ]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Json.GetProperty("nodes").ToString().ShouldBe("""[{"host":"mongodb://h1,h2:27018/?replicaSet=rs0"}]""");
        server.Requests.Single().Json.GetProperty("admin").ToString().ShouldBe("""{"user":"keyturn","auth_database":"ops","password":"secret"}""");
    }

    [Fact]
    public async Task Add_ConnectionStringWithAPassword_ExitsUsageAndIsNotSent()
    {
        await using var server = await StubServer.AnsweringAsync(Instance, 201);

        var run = await CommandRun.AgainstAsync(server, "secret\n",
            ["instance", "add", "docs", "--engine", "mongodb", "--node", "mongodb://keyturn:canary@h1/", "--admin", "keyturn", "--password-stdin"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldNotContain("canary");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_WithDiscoverAndWarnings_SendsItAndWarnsBesideTheInstance()
    {
        await using var server = await StubServer.AnsweringAsync(new { name = "cache", engine = "redis", warnings = new[] { "h1:1 tells of h2:1\u001b, which is not registered." } }, 201);

        var run = await CommandRun.AgainstAsync(server, "secret\n", ["instance", "add", "cache", "--engine", "redis", "--node", "h1:1", "--admin", "default", "--password-stdin", "--discover"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Json.GetProperty("discover").GetBoolean().ShouldBeTrue();
        run.Out.ShouldNotContain("h2:1");
        run.Error.ShouldContain(@"warning: h1:1 tells of h2:1\u001B, which");
    }

    [Fact]
    public async Task Discover_Nodes_ShowsWhatIsNewAndWhatCannotBeUsed()
    {
        var nodes = new object[]
        {
            new { address = "h1:1", role = "primary", registered = true, usable = true, told_by = new[] { "h2:1" } },
            new { address = "h2:1", role = "replica", registered = false, usable = true, told_by = new[] { "h1:1" } },
            new { address = "h3:1", role = "replica", registered = false, usable = false, told_by = new[] { "h1:1" }, error = new { cause = "unreachable", detail = "refused" } },
        };
        await using var server = await StubServer.AnsweringAsync(new { nodes, hints = new[] { "h1:1 sends its changes to 10.0.0.9" } });

        var run = await CommandRun.AgainstAsync(server, "instance", "discover", "cache");

        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe(("GET", "/api/v1/instances/cache/discover"));
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[1].ShouldContain("registered");
        lines[2].ShouldMatch("h2:1 +replica +new +h1:1");
        lines[3].ShouldMatch("h3:1 +replica +new, not usable +h1:1 +unreachable: refused");
        run.Error.ShouldContain("10.0.0.9");
    }

    [Fact]
    public async Task Discover_Add_PostsAndShowsTheInstance()
    {
        await using var server = await StubServer.AnsweringAsync(new { name = "cache", engine = "redis", nodes = new[] { new { host = "h1", port = 1 }, new { host = "h2", port = 1 } }, joining = new[] { "h2:1" } });

        var run = await CommandRun.AgainstAsync(server, "instance", "discover", "cache", "--add");

        server.Requests.Single().Method.ShouldBe("POST");
        run.Out.ShouldContain("h1:1, h2:1 (joining)");
    }

    [Fact]
    public async Task Rejoin_Node_IsSent()
    {
        await using var server = await StubServer.AnsweringAsync(new { name = "cache", nodes = new[] { new { host = "h2", port = 1 } }, joining = new[] { "h2:1" } }, 202);

        var run = await CommandRun.AgainstAsync(server, "instance", "rejoin", "cache", "h2:1");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        (server.Requests.Single().Target, server.Requests.Single().Body).ShouldBe(("/api/v1/instances/cache/rejoin", """{"address":"h2:1"}"""));
    }

    [Fact]
    public async Task Inspect_NodesCannotJoin_SaysWhy()
    {
        await using var server = await StubServer.AnsweringAsync(new { nodes = new[] { new { address = "h2:1", ok = true, joining = true } }, join_problems = new[] { "app: h2:1: There is no account app." } });

        var run = await CommandRun.AgainstAsync(server, "instance", "inspect", "cache");

        run.Out.ShouldMatch("joining +yes");
        run.Error.ShouldContain("nodes cannot join yet: app: h2:1: There is no account app.");
    }

    [Fact]
    public async Task Inspect_GrantsAreMissing_PrintsAStatementALine()
    {
        const string Grant = "GRANT SELECT (User, Host, plugin, authentication_string, account_locked, ssl_type, Super_priv, User_attributes) ON mysql.user TO `keyturn`@`%`;";
        await using var server = await StubServer.AnsweringAsync(new
        {
            nodes = new[] { new { address = "h:1", ok = true, missing_grants = new[] { new { capability = "reset", statements = new[] { Grant, "GRANT b;" } } } } },
        });

        var run = await CommandRun.AgainstAsync(server, "instance", "inspect", "orders");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldContain($"missing for reset:\n    {Grant}\n    GRANT b;\n");
    }

    [Fact]
    public async Task Change_OneThing_SendsOnlyThat()
    {
        await using var server = await StubServer.AnsweringAsync(Instance);

        await CommandRun.AgainstAsync(server, "instance", "change", "orders", "--status", "frozen");

        server.Requests.Single().Method.ShouldBe("PATCH");
        server.Requests.Single().Body.ShouldBe("""{"status":"frozen"}""");
    }

    [Fact]
    public async Task Change_EmptyAttribute_TakesItAway()
    {
        await using var server = await StubServer.AnsweringAsync(Instance);

        await CommandRun.AgainstAsync(server, "instance", "change", "orders", "--attribute", "region=", "--attribute", "size=s-1", "--tag", "prod=");

        server.Requests.Single().Body.ShouldBe("""{"tags":{"prod":""},"attributes":{"region":null,"size":"s-1"}}""");
    }

    [Fact]
    public async Task Change_Nothing_ExitsUsage()
    {
        await using var server = await StubServer.AnsweringAsync(Instance);

        var run = await CommandRun.AgainstAsync(server, "instance", "change", "orders");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("db")]
    [InlineData(":5432")]
    [InlineData("db:port")]
    public async Task Add_NodeWithoutAddress_ExitsUsage(string node)
    {
        var run = await CommandRun.RunAsync(
            ["instance", "add", "orders", "--engine", "redis", "--node", node, "--admin", "default", "--password-stdin"], "x", new() { ["KEYTURN_TOKEN"] = CommandRun.Token });

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("HOST:PORT");
    }

    [Fact]
    public async Task List_Json_IsTheApisOwn()
    {
        await using var server = await StubServer.AnsweringAsync(new { instances = new[] { Instance } });

        var run = await CommandRun.AgainstAsync(server, "instance", "list", "-o", "json");

        run.Out.ShouldContain("\"server_version\": \"15.18\"");
    }

    [Fact]
    public async Task List_NameWithTerminalControls_IsShownEscaped()
    {
        await using var server = await StubServer.AnsweringAsync(new { instances = new[] { new { name = "a\u001b]0;owned\u0007[bold]\u202e" } } });

        var run = await CommandRun.AgainstAsync(server, "instance", "list");

        run.Out.ShouldContain(@"a\u001B]0;owned\u0007[bold]\u202E");
    }

    [Fact]
    public async Task Remove_NobodyToAsk_ExitsUsageUnlessAllowed()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var asked = await CommandRun.AgainstAsync(server, "instance", "remove", "orders");
        var allowed = await CommandRun.AgainstAsync(server, "instance", "remove", "orders", "--yes");

        asked.ExitCode.ShouldBe(ExitCode.Usage);
        allowed.ExitCode.ShouldBe(ExitCode.Done);
        server.Requests.Single().Method.ShouldBe("DELETE");
    }
}
