namespace Keyturn.Instances;

/// <summary>
/// What dialects show of an instance beside its accounts, and Keyturn itself makes no use of. An instance that names none of them is shown with
/// honest defaults, or without.
/// </summary>
public static class InstanceAttribute
{
    /// <summary>Region; else the project's.</summary>
    public const string Region = "region";

    /// <summary>Availability zone.</summary>
    public const string AvailabilityZone = "availability-zone";

    /// <summary>Size or flavour, by the provider's name for it.</summary>
    public const string Size = "size";

    /// <summary>Kind of offer (Upstash: <c>Pay as You Go</c>) or of cluster.</summary>
    public const string Type = "type";

    /// <summary>Topology as DDS calls it: <c>Sharding</c>, <c>ReplicaSet</c> or <c>Single</c>.</summary>
    public const string Mode = "mode";

    /// <summary>E-mail address of the owner, or a team's id.</summary>
    public const string OwnerEmail = "owner-email";

    /// <summary>Huawei's enterprise project; <c>0</c> is the default one.</summary>
    public const string EnterpriseProject = "enterprise-project-id";

    /// <summary>Network.</summary>
    public const string Vpc = "vpc-id";

    /// <summary>Subnet.</summary>
    public const string Subnet = "subnet-id";

    /// <summary>Security group.</summary>
    public const string SecurityGroup = "security-group-id";

    /// <summary>Time zone, as in <c>UTC+08:00</c>.</summary>
    public const string TimeZone = "time-zone";

    /// <summary>Disk, in GiB.</summary>
    public const string StorageGib = "storage-gib";

    /// <summary>The database that connection strings name.</summary>
    public const string Database = "database";

    /// <summary>The host name that applications connect to, where it is not the primary node's.</summary>
    public const string Endpoint = "endpoint";

    /// <summary><c>true</c> lets DDS's check try any password, not only such as DDS would accept as a new one.</summary>
    public const string CheckAnyPassword = "check-any-password";

    /// <summary>All names.</summary>
    public static readonly IReadOnlySet<string> Names = new HashSet<string>(StringComparer.Ordinal)
    {
        Region, AvailabilityZone, Size, Type, Mode, OwnerEmail, EnterpriseProject, Vpc, Subnet, SecurityGroup, TimeZone, StorageGib, Database, Endpoint, CheckAnyPassword,
    };
}
