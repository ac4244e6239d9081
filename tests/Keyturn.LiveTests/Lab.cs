using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests;

/// <summary>A login as lab.json has it.</summary>
public sealed record LabLogin(string User, string Password)
{
    public Credential Credential => new(new AccountName(User), new Secret(Password));
}

/// <summary>One real server that script/lab started, or the reason why it did not.</summary>
public sealed record LabServer
{
    public required string Engine { get; init; }

    public string? Skipped { get; init; }

    public string Version { get; init; } = "";

    public string Host { get; init; } = "";

    public int Port { get; init; }

    /// <summary>Port without TLS where the server has one of its own (Redis, Valkey).</summary>
    public int PlainPort { get; init; }

    public LabLogin Admin { get; init; } = new("", "");

    public LabLogin Superuser { get; init; } = new("", "");

    public string DataDir { get; init; } = "";

    public string Log { get; init; } = "";

    public string PidFile { get; init; } = "";

    /// <summary>PgBouncer: the file of the logins that it knows.</summary>
    public string AuthFile { get; init; } = "";

    /// <summary>The vendor's own client: psql, mariadb, mysql, redis-cli, valkey-cli.</summary>
    public string Client { get; init; } = "";
}

/// <summary>The lab of real servers. A test whose server is missing is skipped, with the reason.</summary>
public sealed record Lab
{
    private static readonly Lazy<Lab?> Loaded = new(Load);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };

    public required string Ca { get; init; }

    public required string OtherCa { get; init; }

    public required string Bin { get; init; }

    public required Dictionary<string, LabServer> Servers { get; init; }

    /// <summary>Whether there is a lab, and with it certificates.</summary>
    public static bool IsThere => Loaded.Value is not null;

    /// <summary>Whether there is a server of that name: for what several tests share, which cannot be skipped.</summary>
    public static bool Has(string name) => Loaded.Value?.Servers.GetValueOrDefault(name) is { Skipped: null };

    /// <summary>Which of these servers the lab has, or says why it has not.</summary>
    public static IEnumerable<string> Known(params string[] names) => names.Where(name => Loaded.Value?.Servers.ContainsKey(name) is true);

    /// <summary>The server of that name; skips the test when there is none.</summary>
    public static LabServer Server(string name)
    {
        Assert.SkipUnless(There.Servers.TryGetValue(name, out var server), $"the lab has no {name}");
        Assert.SkipWhen(server!.Skipped is not null, $"{name}: {server.Skipped}");
        return server;
    }

    /// <summary>The CA that signed all server certificates, as vendors' clients want it.</summary>
    public static string CaFile => There.Ca;

    /// <summary>PEM of that CA.</summary>
    public static string CaPem => File.ReadAllText(CaFile);

    /// <summary>PEM of a CA that signed none of them.</summary>
    public static string OtherCaPem => File.ReadAllText(There.OtherCa);

    /// <summary>The way to a server over verified TLS, as an instance would have it.</summary>
    public static Target Target(LabServer server, TlsSettings? tls = null, int? port = null, SendMode send = SendMode.Verifier) =>
        new(new Node(server.Host, port ?? server.Port), tls ?? new TlsSettings { CaPem = CaPem }, send, Instance.DefaultStatementLimit, Engines.Target.DefaultConnectLimit);

    /// <summary>Starts a server again that a test has stopped. The script that started it keeps its account of what runs.</summary>
    public static async Task StartAsync(string name)
    {
        var folder = Path.GetDirectoryName(Environment.GetEnvironmentVariable("KEYTURN_LAB"))!;
        using var script = Process.Start(Path.Combine(Repository, "script", "lab"), ["up", "--dir", folder, name]);
        await script.WaitForExitAsync();
        script.ExitCode.ShouldBe(0);
    }

    /// <summary>The tests run where they were built.</summary>
    public static string Repository => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    private static Lab There
    {
        get
        {
            Assert.SkipWhen(Loaded.Value is null, "no lab: run script/test, or script/lab up and set KEYTURN_LAB to its lab.json");
            return Loaded.Value!;
        }
    }

    private static Lab? Load() =>
        Environment.GetEnvironmentVariable("KEYTURN_LAB") is { Length: > 0 } path && File.Exists(path)
            ? JsonSerializer.Deserialize<Lab>(File.ReadAllText(path), Json)
            : null;
}
