using Keyturn.Server.Doors;

namespace Keyturn.Server;

/// <summary>How log lines are written to standard output.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>What a server is started with. Telemetry goes where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, and nowhere without it.</summary>
public sealed record ServerOptions
{
    /// <summary>Where a server listens that is told nothing else.</summary>
    public const string DefaultUrl = "https://127.0.0.1:8443";

    /// <summary>The store, made by <c>keyturn init</c>: a file, or a connection string of PostgreSQL (<c>Host=…</c>), which other nodes may use too.</summary>
    public required string Store { get; init; }

    /// <summary>Store passwords also in a database whose commits wait for none of its replicas.</summary>
    public bool AllowAsynchronousStore { get; init; }

    /// <summary>File of the master key, owner-only; null takes it from <c>KEYTURN_MASTER_KEY</c>.</summary>
    public string? MasterKeyPath { get; init; }

    /// <summary>Addresses to listen on: <c>https://host:port</c> or <c>http://host:port</c>. The host is an IP address, <c>localhost</c> or <c>*</c>; port 0 lets the system choose.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [DefaultUrl];

    /// <summary>Addresses of dialects' own; at <see cref="Urls"/> all of them answer by path.</summary>
    public IReadOnlyList<DoorAddress> Dialects { get; init; } = [];

    /// <summary>Calls by DigitalOcean's dialect that one principal may make in an hour, and a twentieth of them in a minute.</summary>
    public int DigitalOceanLimit { get; init; } = 5000;

    /// <summary>PEM certificate (chain) for https; null makes a development certificate beside the store.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM private key of <see cref="CertificatePath"/>.</summary>
    public string? CertificateKeyPath { get; init; }

    /// <summary>Allow plain HTTP on other addresses than loopback.</summary>
    public bool InsecureHttp { get; init; }

    /// <summary>Speak also to databases at link-local and metadata addresses.</summary>
    public bool AllowLinkLocal { get; init; }

    /// <summary>Let the system and the runtime write core dumps of the server, in which are passwords.</summary>
    public bool AllowCoreDumps { get; init; }

    /// <summary>Requests that one principal (or one address, where nobody has signed in) may make in a second, at all doors together; four times as many at once.</summary>
    public int RateLimit { get; init; } = 1000;

    /// <summary>Connections that are open at the same time; one more is closed at once.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>So many previous and failed versions of a password are kept, beside the current one.</summary>
    public int KeptVersions { get; init; } = 10;

    /// <summary>How long resets are kept that have ended, with their stories. Audit entries are kept for good.</summary>
    public TimeSpan KeptResets { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Lowest level that is logged of Keyturn itself; the framework logs warnings and worse.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How log lines are written.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Everything that is wrong with these options; empty when a server can be started with them.</summary>
    public IReadOnlyList<Violation> Problems() => [.. ServerOptionsRules.Broken(this)];
}
