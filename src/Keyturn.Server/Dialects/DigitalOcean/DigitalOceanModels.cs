using System.Text.Json.Serialization;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal sealed record DigitalOceanError(string Id, string Message, string RequestId);

internal sealed record ResetAuthBody(MysqlSettings? MysqlSettings);

internal sealed record MysqlSettings(string? AuthPlugin);

/// <summary>A user. The password is absent, never empty, where it is not shown: Terraform then keeps the one it knows.</summary>
internal sealed record User(string Name, string Role, Secret? Password, MysqlSettings? MysqlSettings);

internal sealed record UserAnswer(User User);

internal sealed record UsersAnswer(IReadOnlyList<User> Users, Links Links, Meta Meta);

internal sealed record DatabaseAnswer(Database Database);

internal sealed record DatabasesAnswer(IReadOnlyList<Database> Databases, Links Links, Meta Meta);

/// <summary>A cluster. godo needs <c>created_at</c> as RFC 3339 and numbers as numbers; its <c>engine</c> decides what doctl sends to reset_auth.</summary>
internal sealed record Database
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required string Engine { get; init; }

    public required string Version { get; init; }

    public required string SemanticVersion { get; init; }

    public required int NumNodes { get; init; }

    public required string Size { get; init; }

    public required string Region { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required Guid ProjectId { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required Connection Connection { get; init; }

    public required Connection PrivateConnection { get; init; }
}

/// <summary>How to connect. The password is not repeated here: it is the user's.</summary>
internal sealed record Connection(string Protocol, string Host, int Port, string User, bool Ssl);

/// <summary>Empty where everything fits in one page: that is how godo tells the last one.</summary>
internal sealed record Links(Pages? Pages);

internal sealed record Pages(string? First, string? Prev, string? Next, string? Last);

internal sealed record Meta(int Total);

internal sealed record AutoscaleAnswer(Autoscale Autoscale);

internal sealed record Autoscale(StorageAutoscale Storage);

internal sealed record StorageAutoscale(bool Enabled);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    Converters = [typeof(SecretJson)])]
[JsonSerializable(typeof(DigitalOceanError))]
[JsonSerializable(typeof(ResetAuthBody))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(DatabaseAnswer))]
[JsonSerializable(typeof(DatabasesAnswer))]
[JsonSerializable(typeof(AutoscaleAnswer))]
internal sealed partial class DigitalOceanJson : JsonSerializerContext;
