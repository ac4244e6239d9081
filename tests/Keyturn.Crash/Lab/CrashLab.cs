using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyturn.Crash.Lab;

/// <summary>A login as lab.json has it.</summary>
internal sealed record LabLogin(string User, string Password);

/// <summary>One server as lab.json describes it.</summary>
internal sealed record LabServer(
    string Engine, string? Skipped, string Version, string Host, int Port, int PlainPort, LabLogin Admin, LabLogin Superuser, string PidFile);

/// <summary>The real servers that script/lab started.</summary>
internal sealed record CrashLab(string Ca, Dictionary<string, LabServer> Servers)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };

    public static CrashLab Read(string path) =>
        JsonSerializer.Deserialize<CrashLab>(File.ReadAllText(path), Json) ?? throw new InvalidDataException($"{path} is empty");
}
