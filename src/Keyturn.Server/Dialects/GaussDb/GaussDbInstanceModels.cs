using System.Text.Json.Nodes;

namespace Keyturn.Server.Dialects.GaussDb;

internal sealed record InstancesAnswer(IReadOnlyList<GaussDbInstance> Instances, int TotalCount);

internal sealed record InstanceAnswer(GaussDbInstance Instance);

/// <summary>
/// An instance: first what a list and a single one show, then what only one of them does. Ports and days are strings, whatever the documents'
/// samples show: Go's clients fail on numbers.
/// </summary>
internal sealed record GaussDbInstance
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Status { get; init; }

    public required string Type { get; init; }

    public required string Port { get; init; }

    /// <summary>A list in a list, a text in a single instance.</summary>
    public required JsonNode PublicIps { get; init; }

    public required string Region { get; init; }

    public required Datastore Datastore { get; init; }

    public required BackupStrategy BackupStrategy { get; init; }

    public required ChargeInfo ChargeInfo { get; init; }

    public required string FlavorRef { get; init; }

    public required string DbUserName { get; init; }

    public required string TimeZone { get; init; }

    public required string VpcId { get; init; }

    public required string SubnetId { get; init; }

    public required string SecurityGroupId { get; init; }

    public required string EnterpriseProjectId { get; init; }

    public required string DedicatedResourceId { get; init; }

    public required IReadOnlyList<Tag> Tags { get; init; }

    public required string Created { get; init; }

    public required string Updated { get; init; }

    public IReadOnlyList<string>? PrivateIps { get; init; }

    public FlavorInfo? FlavorInfo { get; init; }

    public Volume? Volume { get; init; }

    public string? ProjectId { get; init; }

    public string? Alias { get; init; }

    public string? ConfigurationId { get; init; }

    public string? AzMode { get; init; }

    public string? MasterAzCode { get; init; }

    public string? MaintenanceWindow { get; init; }

    public double? BackupUsedSpace { get; init; }

    public IReadOnlyList<string>? PrivateWriteIps { get; init; }

    public int? NodeCount { get; init; }

    /// <summary>At least one: Open Telekom Cloud's Terraform provider looks at the first.</summary>
    public IReadOnlyList<InstanceNode>? Nodes { get; init; }
}

internal sealed record InstanceNode
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    public required string Status { get; init; }

    public required int Port { get; init; }

    public required IReadOnlyList<string> PrivateReadIps { get; init; }

    public required NodeVolume Volume { get; init; }

    public required string AzCode { get; init; }

    public required string RegionCode { get; init; }

    public required string FlavorRef { get; init; }

    public required string Vcpus { get; init; }

    public required string Ram { get; init; }

    public required bool NeedRestart { get; init; }

    public required int Priority { get; init; }

    public required string Created { get; init; }

    public required string Updated { get; init; }
}

internal sealed record Datastore(string Type, string Version, string KernelVersion);

internal sealed record BackupStrategy(string StartTime, string KeepDays);

internal sealed record ChargeInfo(string ChargeMode, string? OrderId);

internal sealed record FlavorInfo(string Vcpus, string Ram);

internal sealed record Volume(string Type, string Size);

internal sealed record NodeVolume(string Type, string Used, int Size);

internal sealed record Tag(string Key, string Value);
