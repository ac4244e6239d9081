using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Tests.Fleet;

namespace Keyturn.Cli.Tests.Commands;

public sealed class ApplyCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FleetServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FleetServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private const string Orders =
        """
        instances:
          - name: orders
            engine: postgresql
            nodes: [{host: db2, port: 5432, role: replica}, {host: db1, port: 5432}]
            admin: {user: keyturn, password_file: gone.pw}
        """;

    [Theory]
    [InlineData("")]
    [InlineData("    send: verifier\n    status: active\n    statement_limit_seconds: 3.0\n    is_clone: false\n    tags: {team: pay}\n    attributes: {}\n    main_account: ~\n    tls: {mode: verify-full, ca: ~}\n    password_policy: {min_length: 12, specials: ~}")]
    [InlineData("    send: ~\n    status: ~\n    password_policy: ~\n    tls: ~")]
    public async Task Apply_NodesInOtherOrderAndDefaultsWrittenOrNot_IsUnchanged(string more)
    {
        _server.With("orders");

        var run = await ApplyAsync($"{Orders}\n{more}");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error + run.Out);
        run.Out.ShouldContain("orders: unchanged");
        _server.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Apply_CaByContent_LineEndsAndTextAroundItAreNoDifference()
    {
        const string pem = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n";
        _server.With("orders", change: instance => instance["tls"]!["ca"] = pem);
        await File.WriteAllTextAsync(_folder["ca.pem"], $"Subject: CN=lab\r\n{pem.ReplaceLineEndings("\r\n")}\r\n");

        (await ApplyAsync($"{Orders}\n    tls: {{ca_file: ca.pem}}")).ExitCode.ShouldBe(ExitCode.Done);

        await File.WriteAllTextAsync(_folder["ca.pem"], pem.Replace("BBBB", "BBBC", StringComparison.Ordinal));
        var run = await ApplyAsync($"{Orders}\n    tls: {{ca_file: ca.pem}}", "--dry-run");
        run.ExitCode.ShouldBe(ExitCode.Differs);
        run.Out.ShouldContain("tls.ca: (PEM ");
        _server.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Apply_DiscoveredNodes_AreLeftAlone()
    {
        _server.With("orders");
        const string one = "instances: [{name: orders, engine: postgresql, nodes: [{host: db1, port: 5432}], admin: {user: keyturn}, discover: X}]";

        (await ApplyAsync(one.Replace("X", "true", StringComparison.Ordinal), "--dry-run")).ExitCode.ShouldBe(ExitCode.Done);
        var run = await ApplyAsync(one.Replace("X", "false", StringComparison.Ordinal), "--dry-run");

        run.ExitCode.ShouldBe(ExitCode.Differs);
        run.Out.ShouldContain("nodes: db1:5432=primary, db2:5432=replica -> db1:5432=primary");
    }

    [Fact]
    public async Task Apply_ClientCertificate_BringsItsKeyWhereItDiffersAndThenNoMore()
    {
        _server.With("old").With("same", change: instance => instance["tls"]!["client_certificate"] = "CERTIFICATE");
        await File.WriteAllTextAsync(_folder["cert.pem"], "CERTIFICATE");
        await File.WriteAllTextAsync(_folder["key.pem"], "canary-KEY");
        const string rest = "engine: postgresql, nodes: [{host: db1, port: 5432}, {host: db2, port: 5432, role: replica}], admin: {user: keyturn}, tls: {client_certificate_file: cert.pem, client_key_file: key.pem}";

        var run = await ApplyAsync($"instances: [{{name: old, {rest}}}, {{name: same, {rest}}}]", "--yes");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldContain("same: unchanged");
        (run.Out + run.Error).ShouldNotContain("canary-KEY");
        _server.Changes.ShouldHaveSingleItem().Body.ShouldBe("""{"tls":{"client_certificate":"CERTIFICATE","client_key":"canary-KEY"}}""");
    }

    [Fact]
    public async Task Apply_WhatDiffers_IsShownAndOnlyThatIsSent()
    {
        _server.With("orders").WithAccount("orders", "app").WithAccount("orders", "nightly", everyDays: 7).WithAccount("orders", "same", everyDays: 30);

        var file = $"{Orders}\n    status: frozen\n    tags: {{owner: me}}\n    password_policy: {{min_length: 16}}\n    accounts: [{{user: app, every: 30d}}, {{user: nightly, every: off, proof: readback}}, {{user: same, every: 30d, proof: login}}]";
        var dry = await ApplyAsync(file, "--dry-run");
        _server.Changes.ShouldBeEmpty();
        var run = await ApplyAsync(file, "--yes");

        dry.ExitCode.ShouldBe(ExitCode.Differs);
        dry.Out.ShouldContain("status: active -> frozen");
        dry.Out.ShouldContain("tags.team: pay -> (none)");
        dry.Out.ShouldContain("password_policy.min_length: 12 -> 16");
        dry.Out.ShouldContain("every: 7d -> off");
        dry.Out.ShouldContain("2 to change, 1 unchanged");
        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        _server.Changes.Select(request => (request.Method, request.Target["/api/v1/instances/orders".Length..], request.Body)).ShouldBe(
        [
            ("PATCH", "", """{"status":"frozen","tags":{"team":null,"owner":"me"},"password_policy":{"min_length":16}}"""),
            ("PUT", "/accounts/app/schedule", """{"every_days":30}"""),
            ("PATCH", "/accounts/nightly", """{"proof":"readback"}"""),
            ("DELETE", "/accounts/nightly/schedule", ""),
        ]);
    }

    [Fact]
    public async Task Apply_NewInstance_IsRegisteredWithThePasswordFromItsFile()
    {
        await File.WriteAllTextAsync(_folder["gone.pw"], "s3cret\n");
        _server.Answer = (_, path) => path.EndsWith("/import", StringComparison.Ordinal)
            ? (200, new { accounts = new object[] { new { user = "app", name = "app", result = "imported" }, new { user = "nobody", name = "nobody", result = "refused", reason = "There is no account nobody." } } })
            : null;

        var run = await ApplyAsync($"{Orders}\n    accounts: [{{user: app, every: 30d, proof: readback}}, {{user: nobody, every: 1d}}]", "--yes");

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldContain("orders, account nobody: refused: There is no account nobody.");
        var bodies = _server.Changes;
        bodies.Select(request => $"{request.Method} {request.Target}").ShouldBe(["POST /api/v1/instances", "POST /api/v1/instances/orders/import", "PUT /api/v1/instances/orders/accounts/app/schedule"]);
        bodies[0].Json.GetProperty("admin").ToString().ShouldBe("""{"user":"keyturn","password":"s3cret"}""");
        bodies[1].Json.ToString().ShouldBe("""{"accounts":[{"user":"app","proof":"readback"},{"user":"nobody"}]}""");
        (run.Out + run.Error).ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData(Orders, "gone.pw cannot be read")]
    [InlineData("instances: [{name: orders, engine: redis, nodes: [{host: a, port: 1}], admin: {user: keyturn}}]", "there is no terminal to ask for it on")]
    [InlineData("instances: [{name: orders, engine: redis, nodes: [{host: a, port: 1}], admin: {user: keyturn, password_env: NO_SUCH}}]", "nothing in the variable NO_SUCH")]
    [InlineData("instances: [{name: old, engine: mysql, nodes: [{host: a, port: 1}], admin: {user: keyturn}}]", "registered as postgresql")]
    [InlineData("instances: [{nam: x}]", "did you mean name?")]
    public async Task Apply_AnythingWrong_ChangesNothingAtAll(string file, string said)
    {
        _server.With("old").With("good");

        var run = await ApplyAsync($"{file}\n---\ninstances: [{{name: good, engine: postgresql, status: frozen, nodes: [{{host: db1, port: 5432}}], admin: {{user: keyturn}}}}]", "--yes");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(said);
        run.Error.ShouldContain("fleet.yaml:");
        run.Error.ShouldContain("nothing was changed");
        _server.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Apply_ThousandsOfFaults_TellsTheFirstAndHowMany()
    {
        var run = await ApplyAsync($"instances:\n{string.Concat(Enumerable.Repeat("- x\n", 5_000))}");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("5000 faults are to be mended first");
        run.Error.Split('\n').Length.ShouldBeLessThan(110);
        _server.Stub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Apply_RuleOfTheServerBroken_ChangesNothingAndSaysWhere()
    {
        _server.With("orders");
        _server.Answer = (_, path) => path == "/instances/check" ? (200, new { violations = new[] { new { rule = "statement-limit", sentence = "The statement limit is between 0.1 and 30 seconds." } } }) : null;

        var run = await ApplyAsync($"{Orders}\n    statement_limit_seconds: 99", "--yes");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("fleet.yaml:2:5: orders: The statement limit is between 0.1 and 30 seconds.");
        _server.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Apply_OneInstanceFails_OthersAreDone()
    {
        _server.With("a").With("b");
        _server.Answer = (method, path) => (method, path) == ("PATCH", "/instances/a") ? (424, Answers.Problem("engine", 424, "unreachable")) : null;
        const string rest = "engine: postgresql, status: frozen, nodes: [{host: db1, port: 5432}, {host: db2, port: 5432, role: replica}], admin: {user: keyturn}";

        var run = await ApplyAsync($"instances:\n- {{name: a, {rest}, accounts: [{{user: app}}]}}\n- {{name: b, {rest}}}", "--yes");

        run.ExitCode.ShouldBe(ExitCode.Unreachable);
        run.Error.ShouldContain("a: failed: The detail of it. (unreachable)");
        run.Out.ShouldContain("b: changed");
        run.Out.ShouldContain("a, its accounts: skipped");
        _server.Changes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Apply_WithoutTerminalAndYes_ShowsThePlanAndChangesNothing()
    {
        _server.With("orders");

        var run = await ApplyAsync($"{Orders}\n    status: frozen");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Out.ShouldContain("status: active -> frozen");
        run.Error.ShouldContain("--yes");
        _server.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Apply_StandardInputAndJson_AreRead()
    {
        _server.With("orders");

        var run = await CommandRun.AgainstAsync(
            _server.Stub,
            """{"instances":[{"name":"orders","engine":"postgresql","status":"frozen","nodes":[{"host":"db1","port":5432},{"host":"db2","port":5432,"role":"replica"}],"admin":{"user":"keyturn"}}]}""",
            ["apply", "-f", "-", "--dry-run", "-o", "json"]);

        run.ExitCode.ShouldBe(ExitCode.Differs, run.Error);
        var plan = JsonDocument.Parse(run.Out).RootElement.GetProperty("instances")[0];
        plan.GetProperty("action").GetString().ShouldBe("change");
        plan.GetProperty("differences").ToString().ReplaceLineEndings("").Replace(" ", "").ShouldBe("""[{"member":"status","old":"active","new":"frozen"}]""");
    }

    [Fact]
    public async Task Export_WhateverIsRegistered_IsUnchangedWhenItIsApplied()
    {
        _server.With("plain").With("other", change: instance =>
        {
            instance["nodes"] = new JsonArray(new JsonObject { ["host"] = "::1", ["port"] = 1, ["role"] = "peer" });
            instance["admin"] = new JsonObject { ["user"] = "no: {tricky} 'one' \"é😀\u0007", ["host"] = "%", ["auth_database"] = "true" };
            instance["tls"] = new JsonObject { ["mode"] = "verify-ca", ["server_name"] = "123", ["ca"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\n" };
            instance["send"] = "clear";
            instance["status"] = "storage-full";
            instance["statement_limit_seconds"] = 0.5;
            instance["main_account"] = "~";
            instance["is_clone"] = true;
            instance["tags"] = new JsonObject { ["null"] = "", ["- a"] = "line\nline", ["#"] = " x ", ["007"] = "1e3" };
            instance["attributes"] = new JsonObject { ["region"] = "on" };
            instance["password_policy"]!["specials"] = "";
            instance["password_policy"]!["refuse_weak"] = false;
        });
        _server.WithAccount("plain", "app", everyDays: 30).WithAccount("plain", "off").WithAccount("other", "yes: no").WithAccount("other", "imported", hasPassword: false);

        var export = await CommandRun.AgainstAsync(_server.Stub, "instance", "export");
        var json = await CommandRun.AgainstAsync(_server.Stub, "instance", "export", "-o", "json");
        var run = await ApplyAsync(export.Out);
        var runOfJson = await ApplyAsync(json.Out);

        export.ExitCode.ShouldBe(ExitCode.Done, export.Error);
        run.ExitCode.ShouldBe(ExitCode.Done, export.Out + run.Error + run.Out);
        run.Out.ShouldContain("2 unchanged; accounts: 0 to import, 0 to change, 4 unchanged");
        runOfJson.ExitCode.ShouldBe(ExitCode.Done, json.Out + runOfJson.Error + runOfJson.Out);
        _server.Changes.ShouldBeEmpty();
    }

    private async Task<CommandRun> ApplyAsync(string text, params string[] options)
    {
        await File.WriteAllTextAsync(_folder["fleet.yaml"], text);
        return await CommandRun.AgainstAsync(_server.Stub, ["apply", "-f", _folder["fleet.yaml"], .. options]);
    }
}
