using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Keyturn.LiveTests.MongoDb;
using Keyturn.LiveTests.WholeProgram;

namespace Keyturn.LiveTests.Canaries;

/// <summary>
/// A secret is seen only by who may see it. The whole program at its lowest log level, in text and in JSON, with traces and meters exported and crash dumps switched on by
/// whoever started it, in front of servers that log all statements: secrets go through every door and into every failure, and are looked for afterwards wherever a program can leave something.
/// </summary>
[Collection(ServerSettings.Name)]
[Trait(OnServerAttribute.LabTrait, "canary")]
public sealed class CampaignTests : IAsyncDisposable
{
    private static readonly string[] Servers = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7"];
    private readonly CanaryList _canaries = new();
    private readonly List<LabAccounts> _accounts = [];
    private readonly List<IStatementLog> _logs = [];
    private readonly List<StallingProxy> _ways = [];
    private readonly List<(string Engine, string Id, string User)> _targets = [];
    private StandInMongoDb? _mongo;
    private string _dds = "";
    private readonly ProcessWatch _watch = new();

    [Fact]
    public async Task Secrets_ThroughEveryDoorAndEveryFailure_AreNowhere()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var keyturn = await CreateAsync(collector.Address);
        await keyturn.StartAsync(logLevel: "Trace");
        await RegisterAsync(keyturn);
        await RegisterMongoAsync(keyturn);
        var refusals = await GoThroughAsync(keyturn);
        await KillInMidResetAsync(keyturn, "Set");
        await keyturn.StartAsync(logLevel: "Trace", more: ["--log-format", "json"]);
        refusals += await GoThroughAsync(keyturn);
        await TakeFleetAsync(keyturn);
        var audit = (await keyturn.Api.GetAsync("/api/v1/audit?limit=1000")).EnsureGood().ToJsonString() + (await keyturn.Api.GetAsync("/api/v1/resets")).EnsureGood().ToJsonString();
        await keyturn.RunAsync("store", "backup", keyturn.InFolder("backup"), "--store", keyturn.StorePath, "--master-key", keyturn.MasterKeyPath);
        await ResetWithoutServersAsync(keyturn);
        await AbortAsync(keyturn);

        var leaks = new List<string>(SearchBut(Visible.Nowhere).In("Keyturn's output", keyturn.Output));
        leaks.AddRange(SearchBut(Visible.Nowhere).In("what was exported", collector.Received()));
        leaks.AddRange(SearchBut(Visible.InAnswers).In("refusals", refusals));
        var search = SearchBut(Visible.InRecords);

        // PostgreSQL shows whom it lets in, or does not, in the title of the process.
        leaks.AddRange(search.In("arguments and environments", await _watch.EndAsync()));
        leaks.AddRange(search.In("audit log and resets", audit));
        leaks.AddRange(search.InFolder(Path.GetDirectoryName(keyturn.StorePath)!, "token", "master.key", "list.csv", "admin.pw", ".fleet"));
        foreach (var (log, server) in _logs.Zip(Servers))
        {
            var seen = await log.ReadAsync();
            seen.Length.ShouldBeGreaterThan(1000);
            leaks.AddRange(search.In($"the log of {server}", seen));
        }

        ShouldHaveSeen(keyturn, collector, audit);
        TestContext.Current.TestOutputHelper!.WriteLine($"{_canaries.All.Count} secrets, {leaks.Count} found");
        leaks.ShouldBeEmpty(string.Join('\n', leaks));
    }

    /// <summary>The runtime is told to write one. The one that is allowed shows that the search would find what is in it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Crash_DumpsAreSwitchedOn_LeavesOneOnlyWhereAllowed(bool isAllowed)
    {
        await using var keyturn = await CreateAsync(collector: null);
        await keyturn.StartAsync(more: isAllowed ? ["--allow-core-dumps"] : []);
        await using var accounts = new LabAccounts(Lab.Server(Servers[0]));
        var instance = await keyturn.Api.RegisterAsync(accounts.Server);
        (await keyturn.Api.ResetAsync(instance, await accounts.CreateAsync(), _canaries.New("given"))).ShouldBe(HttpStatusCode.OK);

        await AbortAsync(keyturn);

        var dumps = Directory.GetFiles(Path.GetDirectoryName(keyturn.StorePath)!, "dump.*");
        dumps.Length.ShouldBe(isAllowed ? 1 : 0, keyturn.Output);
        dumps.SelectMany(new LeakSearch(_canaries.All).InFile).Any().ShouldBe(isAllowed);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await (_mongo?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var disposable in _ways.Cast<IAsyncDisposable>().Concat(_logs).Concat(_accounts))
        {
            await disposable.DisposeAsync();
        }
    }

    /// <summary>For all that must not be seen there.</summary>
    private LeakSearch SearchBut(Visible visible) => new(_canaries.All.Where(canary => visible == Visible.Nowhere || !canary.Visible.HasFlag(visible)));

    /// <summary>With dumps switched on, and with a folder for temporary files that is looked into.</summary>
    private async Task<KeyturnProcess> CreateAsync(string? collector)
    {
        var keyturn = await KeyturnProcess.CreateAsync();
        Directory.CreateDirectory(keyturn.InFolder("tmp"));
        var variables = keyturn.Variables;
        (variables["TMPDIR"], variables["DOTNET_DbgEnableMiniDump"]) = (keyturn.InFolder("tmp"), "1");
        (variables["DOTNET_DbgMiniDumpType"], variables["DOTNET_DbgMiniDumpName"]) = ("2", keyturn.InFolder("dump.%p"));
        if (collector is not null)
        {
            (variables["OTEL_EXPORTER_OTLP_ENDPOINT"], variables["OTEL_EXPORTER_OTLP_PROTOCOL"]) = (collector, "http/protobuf");
            (variables["OTEL_BSP_SCHEDULE_DELAY"], variables["OTEL_METRIC_EXPORT_INTERVAL"]) = ("100", "500");
        }

        _canaries.Add(File.ReadAllText(keyturn.MasterKeyPath).Trim().Split('\n')[^1], "master key");
        return keyturn;
    }

    private async Task RegisterAsync(KeyturnProcess keyturn)
    {
        foreach (var name in Servers)
        {
            var accounts = new LabAccounts(Lab.Server(name));
            _accounts.Add(accounts);
            var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin, _canaries.New($"admin login, {name}"));
            var way = new StallingProxy(new DnsEndPoint(accounts.Server.Host, accounts.Server.Port));
            _ways.Add(way);
            var user = await accounts.CreateAsync();
            IStatementLog log = name switch
            {
                "postgresql-15" => new PostgreSqlStatementLog(accounts, admin),
                "redis-7" => new RedisWatch(accounts),
                _ => new GeneralLog(accounts),
            };
            await log.StartAsync();
            _logs.Add(log);
            var changes = new JsonObject { ["nodes"] = new JsonArray(KeyturnApi.NodeAt(accounts.Server.Host, way.Port)), ["admin"] = KeyturnApi.Login(admin), ["main_account"] = user };
            var instance = await keyturn.Api.RegisterAsync(accounts.Server, changes);
            changes["admin"] = KeyturnApi.Login(admin with { Password = _canaries.New($"wrong one of the admin login, {name}") });
            (await keyturn.Api.TryRegisterAsync(accounts.Server, changes)).Status.ShouldNotBe(HttpStatusCode.Created);
            _targets.Add((name, (await keyturn.Api.GetAsync($"/api/v1/instances/{instance}"))["id"]!, user));
        }
    }

    /// <summary>A STAND-IN (no MongoDB): it has no log, so that only Keyturn's own places are looked into.</summary>
    private async Task RegisterMongoAsync(KeyturnProcess keyturn)
    {
        _mongo = StandInMongoDb.OverTls();
        var admin = new LabLogin("operator", _canaries.New("admin login, mongodb"));
        _mongo.Add("admin", admin.User, admin.Password, "root");
        _mongo.Add("admin", "rwuser", _canaries.New("present one, mongodb"), "root");
        var instance = await keyturn.Api.RegisterAsync(_mongo.Describe(), new JsonObject { ["admin"] = KeyturnApi.Login(admin) });
        _dds = (await keyturn.Api.GetAsync($"/api/v1/instances/{instance}"))["id"]!;
    }

    private async Task<string> GoThroughAsync(KeyturnProcess keyturn)
    {
        using var knocker = new Knocker(keyturn.Address);
        var caller = await Caller.CreateAsync(keyturn, knocker, _canaries);
        var (journey, slips) = (new Journey(knocker, _canaries, caller), new Slips(knocker, _canaries, caller));
        foreach (var (engine, id, user) in _targets)
        {
            await journey.ThroughAsync(engine, id, user);
            await slips.MakeAsync(engine, id, user);
        }

        await slips.MakeAsync();
        await new SignedCalls(knocker, _canaries, caller).ThroughAsync(_targets[2].Id, _targets[2].User);
        await journey.ThroughDdsAsync(_dds);

        await journey.ThroughHuaweiAsync(_targets[2].Id, _targets[2].User);
        await journey.ThroughUpstashAsync(_targets[3].Id);
        await journey.ThroughSignInAsync();
        return knocker.Refusals;
    }

    private async Task KillInMidResetAsync(KeyturnProcess keyturn, string hop)
    {
        await keyturn.KillAsync();
        await keyturn.StartAsync(hop, logLevel: "Trace");
        var resets = _targets.Select(target => keyturn.Api.ResetAsync(target.Id, target.User, _canaries.New($"of a reset that was killed, {target.Engine}"))).ToList();
        await keyturn.UntilPausedAsync(hop, resets.Count);
        await keyturn.KillAsync();
        foreach (var reset in resets)
        {
            await Should.ThrowAsync<HttpRequestException>(reset);
        }
    }

    private async Task TakeFleetAsync(KeyturnProcess keyturn)
    {
        string[] client = ["--server", keyturn.Address.ToString(), "--token-file", keyturn.InFolder("token")];
        var (list, admin, fleet) = (keyturn.InFolder("list.csv"), keyturn.InFolder("admin.pw"), keyturn.InFolder("fleet.yaml"));
        await WriteAsync(list, $"{_targets[0].User},{_canaries.New("in a list to adopt, wrong")}\nnobody,{_canaries.New("in a list to adopt, of nobody")}\n");
        await keyturn.RunAsync("account", ["adopt", _targets[0].Id, "--from", list, .. client]);
        await WriteAsync(list, $"{_targets[0].User},{_canaries.New("in a list that is broken")}\n\"{_canaries.New("without its end")}");
        await keyturn.RunAsync("account", ["adopt", _targets[0].Id, "--from", list, .. client]);
        await WriteAsync(admin, _canaries.New("admin's, for a fleet"));
        await WriteAsync(fleet, $"instances:\n  - name: f\n    engine: postgresql\n    nodes: [{{host: localhost, port: {Lab.Server(Servers[0]).Port}}}]\n    tls: {{ca_file: {Lab.CaFile}}}\n    is_clone: true\n    admin: {{user: nobody, password_file: admin.pw}}\n");
        await keyturn.RunAsync("apply", ["--yes", "-f", fleet, .. client]);
        await keyturn.RunAsync("apply", ["--yes", .. await WriteFaultyFleetAsync(keyturn), .. client]);
        await keyturn.RunAsync("audit", ["export", "--to", keyturn.InFolder("audit.jsonl"), .. client]);
    }

    /// <summary>Passwords that somebody wrote into fleet files themselves, in ways that are wrong one by one.</summary>
    private async Task<IReadOnlyList<string>> WriteFaultyFleetAsync(KeyturnProcess keyturn)
    {
        var options = new List<string>();
        foreach (var admin in new[] { "{user: u, password: CANARY}", "{user: u, password: [CANARY]}", "{user: u, password: {a: CANARY}}", "{user: u, password: \"CANARY}", "{user: CANARY: CANARY}", "CANARY" })
        {
            var file = keyturn.InFolder($"faulty-{options.Count}.fleet");
            var text = $"instances:\n  - name: f\n    engine: redis\n    nodes: [{{host: localhost}}]\n    accounts: [{{user: a, password: {_canaries.New("of an account in a fleet file")}}}]\n    admin: ";
            await WriteAsync(file, $"{text}{admin.Replace("CANARY", _canaries.New($"in a fleet file, as {admin}"), StringComparison.Ordinal)}\n");
            options.AddRange(["-f", file]);
        }

        return options;
    }

    private async Task ResetWithoutServersAsync(KeyturnProcess keyturn)
    {
        foreach (var way in _ways)
        {
            await way.DisposeAsync();
        }

        _ways.Clear();
        foreach (var (engine, id, user) in _targets)
        {
            ((int)(await keyturn.Api.ResetAsync(id, user, _canaries.New($"with the server down, {engine}"))).Status).ShouldBeGreaterThan(201);
        }
    }

    /// <summary>
    /// The signal with which the runtime ends a process in which something is broken. From outside it has to come twice: the first has the runtime start its createdump, the
    /// second is the kernel's, who would write a core.
    /// </summary>
    private static async Task AbortAsync(KeyturnProcess keyturn)
    {
        await SignalAsync(keyturn, "ABRT");
        await keyturn.UntilWrittenAsync("[createdump] Target process is alive");
        await SignalAsync(keyturn, "ABRT");
        await keyturn.UntilEndedAsync();
    }

    private static async Task SignalAsync(KeyturnProcess keyturn, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{keyturn.ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    private static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>What was looked at was there to be looked at.</summary>
    private static void ShouldHaveSeen(KeyturnProcess keyturn, OtlpCollector collector, string audit)
    {
        keyturn.Output.ShouldContain("POST /api/v1/instances/{instance}/accounts/{user}/reset");
        keyturn.Output.ShouldContain("\"EventId\":");
        new LeakSearch([new Canary("/api/v1/instances/{instance}/accounts/{user}/reset", "route")]).In("traces", collector.Received()).ShouldNotBeEmpty();
        audit.ShouldContain("\"reset\"");
        new FileInfo(keyturn.InFolder("audit.jsonl")).Length.ShouldBeGreaterThan(10_000);
        File.Exists(keyturn.InFolder("backup")).ShouldBeTrue(keyturn.Output);
    }
}
