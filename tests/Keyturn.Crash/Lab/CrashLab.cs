using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyturn.Crash.Lab;

/// <summary>A login as lab.json has it.</summary>
internal sealed record LabLogin(string User, string Password);

/// <summary>One server as lab.json describes it.</summary>
internal sealed record LabServer(
    string Engine, string? Skipped, string Version, string Host, int Port, int PlainPort, LabLogin Admin, LabLogin Superuser, string PidFile)
{
    /// <summary>Of a node of the replicated PostgreSQL: the login that owns the store's database.</summary>
    public LabLogin? Store { get; init; }

    /// <summary>Of such a node: where Patroni says what it is.</summary>
    public int ApiPort { get; init; }
}

/// <summary>The real servers that script/lab started.</summary>
internal sealed record CrashLab(string Ca, Dictionary<string, LabServer> Servers)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };

    public static CrashLab Read(string path) =>
        JsonSerializer.Deserialize<CrashLab>(File.ReadAllText(path), Json) ?? throw new InvalidDataException($"{path} is empty");
}
