using System.Text.Json.Serialization;
using Keyturn.Passwords;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Versions 1 and 2 have the first pair of members, version 3 the second. Terraform reads only the first, the SDKs only the second.</summary>
internal sealed record DdmError(
    [property: JsonPropertyName("errCode")] string ErrCode, [property: JsonPropertyName("externalMessage")] string ExternalMessage, string ErrorCode, string ErrorMsg);

/// <summary>Exactly <c>{}</c>.</summary>
internal sealed record Nothing;

internal sealed record PasswordBody(Secret? Password);

internal sealed record AdminUserBody(string? Name, Secret? Password);

/// <summary>What version 2 answers to a reset.</summary>
internal sealed record ResetAnswer(bool Success, string InstanceId, string UserName);

internal sealed record AdminUserAnswer(string InstanceId, string JobId);

/// <summary>DDM's member, and DDS's, which has the same path.</summary>
internal sealed record WeakPasswordAnswer(bool IsWeakPassword, bool Weak);

/// <summary>An account to make, or what to change of one.</summary>
internal sealed record UserBody
{
    public string? Name { get; init; }

    public Secret? Password { get; init; }

    public IReadOnlyList<string?>? BaseAuthority { get; init; }

    public IReadOnlyList<string?>? ExtendAuthority { get; init; }

    public string? Description { get; init; }

    public int? PasswordLifetime { get; init; }

    public IReadOnlyList<DatabaseBody?>? Databases { get; init; }
}

internal sealed record DatabaseBody(string? Name);

/// <summary>Version 1's wrapper of accounts to make.</summary>
internal sealed record UsersBody(IReadOnlyList<UserBody?>? Users);

/// <summary>Version 1's wrapper of what to change.</summary>
internal sealed record ChangedUserBody(UserBody? User);

internal sealed record UserName(string Name);

internal sealed record UserNames(IReadOnlyList<UserName> Users);

/// <summary>An account of version 1, whose times are milliseconds of Unix time; a text breaks Huawei's Python SDK.</summary>
internal sealed record UserV1
{
    public required string Name { get; init; }

    public required string Status { get; init; }

    public IReadOnlyList<string> BaseAuthority { get; init; } = [];

    public IReadOnlyList<string> ExtendAuthority { get; init; } = [];

    public long? Created { get; init; }

    public long? PasswordLastChanged { get; init; }

    public IReadOnlyList<UserName> Databases { get; init; } = [];
}

internal sealed record UsersV1(IReadOnlyList<UserV1> Users, int PageNo, int PageSize, int TotalRecord, int TotalPage);

/// <summary>An account of version 3.</summary>
internal sealed record UserV3
{
    public required string Name { get; init; }

    public required string Status { get; init; }

    public IReadOnlyList<string> BaseAuthority { get; init; } = [];

    public string? Created { get; init; }

    public string? PasswordLastChanged { get; init; }

    public IReadOnlyList<UserName> Databases { get; init; } = [];
}

internal sealed record UsersV3(int Total, int Offset, int Limit, IReadOnlyList<UserV3> Users);

/// <summary>An instance. Ports are texts, or Terraform's provider fails.</summary>
internal sealed record DdmInstance
{
    public required string Id { get; init; }

    public required string Status { get; init; }

    public required string Name { get; init; }

    public required string Created { get; init; }

    public required string Updated { get; init; }

    public required string AvailableZone { get; init; }

    public string? VpcId { get; init; }

    public string? SubnetId { get; init; }

    public string? SecurityGroupId { get; init; }

    public required int NodeCount { get; init; }

    public required string AccessIp { get; init; }

    public required string AccessPort { get; init; }

    public required string NodeStatus { get; init; }

    public required string ProjectId { get; init; }

    public required string EngineVersion { get; init; }

    public required bool EnableSsl { get; init; }

    public string? FlavorRef { get; init; }

    public required string EnterpriseProjectId { get; init; }

    public string? ErrorMsg { get; init; }

    /// <summary>Of one instance only, as the next.</summary>
    public string? AdminUserName { get; init; }

    public IReadOnlyList<DdmNode>? Nodes { get; init; }
}

internal sealed record DdmNode(string NodeId, string Status, string Ip, string Port);

internal sealed record InstancesV1(IReadOnlyList<DdmInstance> Instances, int InstanceNum, int PageNo, int PageSize, int TotalRecord, int TotalPage);

internal sealed record InstancesV3(IReadOnlyList<DdmInstance> Instances, int InstanceNum, int PageNo, int PageSize, int Total, int TotalPage);

/// <summary>One instance, which version 3 puts into a list.</summary>
internal sealed record InstanceV3(IReadOnlyList<DdmInstance> Instances);

internal sealed record JobAnswer(DdmJob Job);

internal sealed record DdmJob(string Id, string Name, string Status, string CreatedTime, string? EndTime, string Process, JobInstance Instance);

internal sealed record JobInstance(string Id, string Name);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    Converters = [typeof(SecretJson)])]
[JsonSerializable(typeof(DdmError))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(AdminUserBody))]
[JsonSerializable(typeof(ResetAnswer))]
[JsonSerializable(typeof(AdminUserAnswer))]
[JsonSerializable(typeof(WeakPasswordAnswer))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(UsersBody))]
[JsonSerializable(typeof(ChangedUserBody))]
[JsonSerializable(typeof(UserName))]
[JsonSerializable(typeof(UserNames))]
[JsonSerializable(typeof(UsersV1))]
[JsonSerializable(typeof(UsersV3))]
[JsonSerializable(typeof(DdmInstance))]
[JsonSerializable(typeof(InstancesV1))]
[JsonSerializable(typeof(InstancesV3))]
[JsonSerializable(typeof(InstanceV3))]
[JsonSerializable(typeof(JobAnswer))]
internal sealed partial class DdmJson : JsonSerializerContext;
