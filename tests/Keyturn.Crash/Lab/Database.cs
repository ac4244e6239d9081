using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Server;

namespace Keyturn.Crash.Lab;

/// <summary>One real server: what logs in to it, what kills it, what starts it again.</summary>
internal sealed class Database(string name, LabServer server, string caPem, string labScript, string labFolder)
{
    private static readonly IReadOnlyList<IEngine> Engines = EngineList.All(TimeProvider.System);
    private readonly IEngine _engine = Engines.Single(engine => engine.Name == server.Engine);

    public string Name => name;

    public string Engine => server.Engine;

    public LabServer Server => server;

    public bool IsSql => Engine != "redis";

    private int Pid => int.Parse(File.ReadAllText(server.PidFile));

    public X509Certificate2Collection Roots()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(caPem);
        return roots;
    }

    private Task RunLabAsync(IEnumerable<string> servers) => Command.RunAsync(labScript, ["up", "--dir", labFolder, .. servers]);

    /// <summary>The body of a registration. A copy, because several stores may have the server at once.</summary>
    public JsonObject Registration(string instance, int? port = null, int? statementLimitSeconds = null) => new()
    {
        ["name"] = instance,
        ["engine"] = server.Engine,
        ["nodes"] = new JsonArray(new JsonObject { ["host"] = server.Host, ["port"] = port ?? server.Port }),
        ["tls"] = new JsonObject { ["mode"] = "verify-full", ["ca"] = caPem },
        ["admin"] = new JsonObject { ["user"] = server.Admin.User, ["password"] = server.Admin.Password },
        ["statement_limit_seconds"] = statementLimitSeconds ?? Instance.DefaultStatementLimit.TotalSeconds,
        ["is_clone"] = true,
    };

    /// <summary>Logs in as an application would: over verified TLS, at the server itself, on a new connection.</summary>
    public async Task<Login> LoginAsync(string user, string password)
    {
        var target = new Target(new Node(server.Host, server.Port), new TlsSettings { CaPem = caPem }, SendMode.Verifier, Instance.DefaultStatementLimit, Target.DefaultConnectLimit);
        using var deadline = new CancellationTokenSource(Target.DefaultConnectLimit);
        var login = await _engine.TryLoginAsync(target, new Credential(new AccountName(user), new Secret(password)), derived: null, deadline.Token);
        return login.Login;
    }

    /// <summary>Ends the server without a goodbye: PostgreSQL as by <c>-m immediate</c>, the others as by <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        var pid = Pid;
        await Signals.SendAsync(pid, Engine == "postgresql" ? Signals.Quit : Signals.Kill);
        await Signals.UntilGoneAsync(pid);
    }

    public Task StopAsync() => Signals.SendAsync(Pid, Signals.Stop);

    public Task ContinueAsync() => Signals.SendAsync(Pid, Signals.Continue);

    /// <summary>By the script that started them, which keeps account of what runs.</summary>
    public static Task StartAsync(IReadOnlyList<Database> databases) =>
        databases[0].RunLabAsync(databases.Select(database => database.Name));
}
