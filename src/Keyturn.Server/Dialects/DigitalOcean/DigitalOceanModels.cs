using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal sealed record DigitalOceanError(string Id, string Message, string RequestId);

internal sealed record ResetAuthBody(MysqlSettings? MysqlSettings);

internal sealed record AddUserBody(string? Name = null, MysqlSettings? MysqlSettings = null, UserSettings? Settings = null, bool? Readonly = null);

internal sealed record UpdateUserBody(UserSettings? Settings);

internal sealed record MysqlSettings(string? AuthPlugin)
{
    private static readonly string[] Plugins = ["mysql_native_password", "caching_sha2_password"];

    /// <summary>Those of a user: null where its method, or none of MariaDB's alternatives, is one that clients know.</summary>
    public static MysqlSettings? Of(Instance cluster, string? method) =>
        DigitalOceanEngines.Slug(cluster) == DigitalOceanEngines.MySql && method?.Split(" or ").FirstOrDefault(Plugins.Contains) is { } plugin ? new MysqlSettings(plugin) : null;

    /// <summary>What is wrong with them for a user of this cluster; null when nothing is.</summary>
    public string? Problem(Instance cluster) =>
        DigitalOceanEngines.Slug(cluster) != DigitalOceanEngines.MySql ? "mysql_settings are for MySQL clusters"
        : Plugins.Contains(AuthPlugin) ? null
        : $"mysql_settings.auth_plugin must be one of {string.Join(", ", Plugins)}";
}

/// <summary>Rights of a user.</summary>
internal sealed record UserSettings(bool? PgAllowReplication, JsonArray? Acl, JsonArray? OpensearchAcl, JsonObject? MongoUserSettings)
{
    /// <summary>Names the first that asks for something: Keyturn gives and takes no rights. A new user may not replicate, so that this can be asked of it.</summary>
    public string? Problem(bool isNew)
    {
        var asked = this switch
        {
            { PgAllowReplication: { } allow } when allow || !isNew => "pg_allow_replication",
            { Acl: not null } => "acl",
            { OpensearchAcl: not null } => "opensearch_acl",
            { MongoUserSettings: not null } => "mongo_user_settings",
            _ => null,
        };
        return asked is null ? null : $"settings.{asked} cannot be applied: Keyturn changes passwords, not rights; grant them on the database";
    }
}

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

    public ulong? StorageSizeMib { get; init; }

    public required Connection Connection { get; init; }

    public required Connection PrivateConnection { get; init; }
}

/// <summary>How to connect. User, password and <c>uri</c>, which has both in it, are absent where they are not shown.</summary>
internal sealed record Connection
{
    public required string Protocol { get; init; }

    public Secret? Uri { get; init; }

    public string? Database { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public string? User { get; init; }

    public Secret? Password { get; init; }

    public required bool Ssl { get; init; }
}

internal sealed record CaAnswer(Ca Ca);

/// <summary>PEM, in base64 once more.</summary>
internal sealed record Ca(string Certificate);

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
[JsonSerializable(typeof(AddUserBody))]
[JsonSerializable(typeof(UpdateUserBody))]
[JsonSerializable(typeof(CaAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(DatabaseAnswer))]
[JsonSerializable(typeof(DatabasesAnswer))]
[JsonSerializable(typeof(AutoscaleAnswer))]
internal sealed partial class DigitalOceanJson : JsonSerializerContext;
