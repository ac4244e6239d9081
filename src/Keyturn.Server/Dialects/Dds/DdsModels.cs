using System.Text.Json.Serialization;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Terraform's provider reads <c>error_code</c> of every 400 and 403 as a string, without a look.</summary>
internal sealed record DdsErrorBody(string ErrorCode, string ErrorMsg);

/// <summary><c>{}</c>, which is all that a success says. Terraform's provider fails on an empty body.</summary>
internal sealed record DdsNothing
{
    public static readonly DdsNothing Instance = new();
}

internal sealed record PasswordBody(string? UserName, Secret? UserPwd, string? DbName);

internal sealed record NewUserBody(string? UserName, Secret? UserPwd, string? DbName, IReadOnlyList<RoleBody?>? Roles);

internal sealed record RoleBody(string? RoleName, string? RoleDbName);

internal sealed record UserBody(string? UserName, string? DbName);

internal sealed record WeakPasswordBody(Secret? Password);

/// <summary>The same path is DDM's, whose clients read the other member.</summary>
internal sealed record WeakPasswordAnswer(bool Weak, bool IsWeakPassword);

/// <summary>The users are text that holds JSON: an array in their place breaks Terraform's provider.</summary>
internal sealed record UsersAnswer(string Users, int TotalCount);

/// <summary>A user in that text, as MongoDB's usersInfo names things.</summary>
internal sealed record DdsUser([property: JsonPropertyName("isBuiltin")] bool IsBuiltin, string User, string Db, IReadOnlyList<DdsRole> Roles);

internal sealed record DdsRole(string Role, string Db);

internal sealed record InstancesAnswer(IReadOnlyList<DdsInstance> Instances, int TotalCount);

/// <summary>An instance. Go's clients need the port as a string, ssl and days as numbers, and one hyphen in the maintenance window.</summary>
internal sealed record DdsInstance
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Remark { get; init; }

    public required string Status { get; init; }

    public required string Port { get; init; }

    public required string Mode { get; init; }

    public required string Region { get; init; }

    public required Datastore Datastore { get; init; }

    public required string Engine { get; init; }

    public required string Created { get; init; }

    public required string Updated { get; init; }

    public required string DbUserName { get; init; }

    public required int Ssl { get; init; }

    public required string VpcId { get; init; }

    public required string SubnetId { get; init; }

    public required string SecurityGroupId { get; init; }

    public required BackupStrategy BackupStrategy { get; init; }

    public required string PayMode { get; init; }

    public required string MaintenanceWindow { get; init; }

    public required IReadOnlyList<Group> Groups { get; init; }

    public required string DiskEncryptionId { get; init; }

    public required string EnterpriseProjectId { get; init; }

    public required string TimeZone { get; init; }

    public required IReadOnlyList<string> Actions { get; init; }

    public required IReadOnlyList<Tag> Tags { get; init; }
}

internal sealed record Datastore(string Type, string Version, bool PatchAvailable, string WholeVersion);

internal sealed record BackupStrategy(string StartTime, int KeepDays);

internal sealed record Group(string Type, string Id, string Name, string Status, Volume Volume, IReadOnlyList<GroupNode> Nodes);

internal sealed record Volume(string Size, string Used);

internal sealed record GroupNode(
    string Id, string Name, string Status, string Role, string PrivateIp, string PublicIp, string SpecCode, string AvailabilityZone);

internal sealed record Tag(string Key, string Value);

internal sealed record TagsAnswer(IReadOnlyList<Tag> Tags);

internal sealed record BackupPolicyAnswer(BackupPolicy BackupPolicy);

internal sealed record BackupPolicy(string StartTime, int KeepDays, string Period);

internal sealed record SwitchAnswer(bool Enabled);

internal sealed record StatusAnswer(string Status);

internal sealed record AutoEnlargeAnswer(string SwitchOption, AutoEnlargePolicy Policy);

internal sealed record AutoEnlargePolicy(int Threshold, int Step, int Size);

internal sealed record BalancerAnswer(bool IsOpen, ActiveWindow ActiveWindow);

internal sealed record ActiveWindow(string StartTime, string StopTime);

internal sealed record NameAnswer(string Name);

internal sealed record ClientNetworkAnswer(IReadOnlyList<string> ClientNetworkRanges);

internal sealed record JobAnswer(Job Job);

internal sealed record Job(string Id, string Name, string Status, string Created, string Ended, string Progress, string FailReason, JobInstance Instance);

internal sealed record JobInstance(string Id, string Name);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    Converters = [typeof(SecretJson)])]
[JsonSerializable(typeof(DdsErrorBody))]
[JsonSerializable(typeof(DdsNothing))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(NewUserBody))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(WeakPasswordBody))]
[JsonSerializable(typeof(WeakPasswordAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(IReadOnlyList<DdsUser>))]
[JsonSerializable(typeof(InstancesAnswer))]
[JsonSerializable(typeof(TagsAnswer))]
[JsonSerializable(typeof(BackupPolicyAnswer))]
[JsonSerializable(typeof(SwitchAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(AutoEnlargeAnswer))]
[JsonSerializable(typeof(BalancerAnswer))]
[JsonSerializable(typeof(NameAnswer))]
[JsonSerializable(typeof(ClientNetworkAnswer))]
[JsonSerializable(typeof(JobAnswer))]
internal sealed partial class DdsJson : JsonSerializerContext;
