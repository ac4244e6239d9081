using System.Text.Json;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Bench;

/// <summary>A server of the lab, as lab.json describes it.</summary>
internal sealed record BenchServer(string Engine, string? Skipped, string Version, string Host, int Port, BenchLogin Admin)
{
    /// <summary>Over verified TLS; with no certificates to trust, without TLS.</summary>
    public Target Target(string? caPem) => new(
        new Node(Host, Port),
        caPem is null ? new TlsSettings { Mode = TlsMode.Disable } : new TlsSettings { CaPem = caPem },
        SendMode.Verifier,
        Instance.DefaultStatementLimit,
        Engines.Target.DefaultConnectLimit);
}

internal sealed record BenchLogin(string User, string Password)
{
    public Credential Credential => new(new AccountName(User), new Secret(Password));
}

internal sealed record BenchLab(string Ca, Dictionary<string, BenchServer> Servers)
{
    public async Task<string> CaPemAsync() => await File.ReadAllTextAsync(Ca);

    public static BenchLab Read(string path) =>
        JsonSerializer.Deserialize<BenchLab>(File.ReadAllText(path), JsonSerializerOptions.Web) ?? throw new InvalidDataException($"{path} is empty");
}
