using System.Text.Json.Serialization;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Upstash;

internal sealed record UpstashError(string Error);

/// <summary>
/// A database. What is not known is absent, never null: <c>@upstash/cli</c> 0.3 ends with an error at a null, Terraform at a wrong type.
/// </summary>
internal sealed record UpstashDatabase
{
    public required Guid DatabaseId { get; init; }

    public required string ClusterId { get; init; }

    public required string DatabaseName { get; init; }

    /// <summary>The kind of offer in the words of 2023.</summary>
    public required string DatabaseType { get; init; }

    /// <summary>The same in today's words.</summary>
    public string? Type { get; init; }

    public required string Region { get; init; }

    public required int Port { get; init; }

    /// <summary>Unix time in seconds.</summary>
    public required long CreationTime { get; init; }

    public required string State { get; init; }

    /// <summary>What is being done to the database while its state says little.</summary>
    public string? ModifyingState { get; init; }

    public Secret? Password { get; init; }

    public required string UserEmail { get; init; }

    public required string Endpoint { get; init; }

    public required bool Tls { get; init; }

    public required bool Consistent { get; init; }

    public required string PoolId { get; init; }

    public Secret? RestToken { get; init; }

    public Secret? ReadOnlyRestToken { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(SecretJson)])]
[JsonSerializable(typeof(UpstashError))]
[JsonSerializable(typeof(UpstashDatabase))]
[JsonSerializable(typeof(UpstashDatabase[]))]
internal sealed partial class UpstashJson : JsonSerializerContext;
