using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Storage.Tables;

/// <summary>The TLS settings without their private key, which is sealed in a column of its own.</summary>
internal sealed record StoredTls(TlsMode Mode, string? CaPem, string? ServerName, string? ClientCertificatePem);

/// <summary>What an instance's registration says that no query looks for, as the JSON text it is stored as. Holds no secret.</summary>
internal sealed record InstanceSettings
{
    private const int MostParsed = 1000;

    /// <summary>By their text, so that nothing in it can be out of date.</summary>
    private static readonly ConcurrentDictionary<string, InstanceSettings> Parsed = new();

    public required IReadOnlyList<Node> Nodes { get; init; }

    public required StoredTls Tls { get; init; }

    public required AccountName Admin { get; init; }

    public AccountName? MainAccount { get; init; }

    public required SendMode Send { get; init; }

    public required InstanceStatus Status { get; init; }

    public required PasswordPolicy PasswordPolicy { get; init; }

    public required long StatementLimitMilliseconds { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Null in what the first version wrote: the JSON source generator knows no defaults.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    public required string ServerVersion { get; init; }

    /// <summary>Null where no node does; then it is not written, so that instances with such nodes are found by its name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Joining { get; init; }

    public static string Write(Instance instance) => JsonSerializer.Serialize(Of(instance), InstanceSettingsJson.Default.InstanceSettings);

    /// <summary>Every request reads an instance, and their settings seldom change.</summary>
    public static InstanceSettings Read(string json)
    {
        if (!Parsed.TryGetValue(json, out var settings))
        {
            settings = JsonSerializer.Deserialize(json, InstanceSettingsJson.Default.InstanceSettings)!;
            if (Parsed.Count >= MostParsed)
            {
                Parsed.Clear();
            }

            Parsed[json] = settings;
        }

        return settings;
    }

    private static InstanceSettings Of(Instance instance) => new()
    {
        Nodes = instance.Nodes,
        Tls = new StoredTls(instance.Tls.Mode, instance.Tls.CaPem, instance.Tls.ServerName, instance.Tls.ClientCertificatePem),
        Admin = instance.Admin,
        MainAccount = instance.MainAccount,
        Send = instance.Send,
        Status = instance.Status,
        PasswordPolicy = instance.PasswordPolicy,
        StatementLimitMilliseconds = (long)instance.StatementLimit.TotalMilliseconds,
        Tags = instance.Tags,
        Attributes = instance.Attributes,
        ServerVersion = instance.ServerVersion,
        Joining = instance.Joining.Count == 0 ? null : instance.Joining,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(InstanceSettings))]
internal sealed partial class InstanceSettingsJson : JsonSerializerContext;
