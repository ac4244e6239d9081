using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.GaussDb;

internal sealed record GaussDbError(string ErrorCode, string ErrorMsg);

/// <summary>Success without anything to say: Terraform's provider decodes the body, and fails on an empty one.</summary>
internal sealed record Nothing;

internal sealed record PasswordBody(Secret? Password)
{
    /// <summary>What else was sent. Open Telekom Cloud's provider sends an <c>InstanceId</c>.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

internal sealed record CreateUsersBody(IReadOnlyList<CreateUserBody?>? Users);

internal sealed record CreateUserBody(string? Name, Secret? Password, string? Comment, IReadOnlyList<string?>? Hosts, IReadOnlyList<UserDatabase?>? Databases);

internal sealed record UsersBody(IReadOnlyList<UserBody?>? Users);

/// <summary>One row of a user: of the members beside its name, each call reads its own.</summary>
internal sealed record UserBody(string? Name, string? Host, Secret? Password, string? Comment);

internal sealed record UserDatabase(string? Name, bool? Readonly);

internal sealed record DbUser(string Name, string Host, string Comment, IReadOnlyList<UserDatabase> Databases);

internal sealed record DbUsersAnswer(IReadOnlyList<DbUser> Users, int TotalCount);

internal sealed record JobIdAnswer(string JobId);

internal sealed record JobAnswer(GaussDbJob Job);

/// <summary>A job. <c>process</c> is a percentage of those that run, which Keyturn has none of.</summary>
internal sealed record GaussDbJob(string Id, string Name, string Status, string Created, string? Ended, string Process, JobInstance Instance, Nothing Entities, string? FailReason);

internal sealed record JobInstance(string Id, string Name);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    Converters = [typeof(SecretJson)])]
[JsonSerializable(typeof(GaussDbError))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(CreateUsersBody))]
[JsonSerializable(typeof(UsersBody))]
[JsonSerializable(typeof(DbUsersAnswer))]
[JsonSerializable(typeof(JobIdAnswer))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(InstancesAnswer))]
[JsonSerializable(typeof(InstanceAnswer))]
internal sealed partial class GaussDbJson : JsonSerializerContext;
