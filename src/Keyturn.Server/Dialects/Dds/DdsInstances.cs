using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Instances;
using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Instances as DDS shows them. What Keyturn does not know is empty, or says that there is none.</summary>
internal static class DdsInstances
{
    public const string ReplicaSet = "ReplicaSet";
    public const string Sharding = "Sharding";

    /// <summary>No window: there are no backups and no maintenance. Terraform's provider splits it at the hyphen.</summary>
    public const string NoWindow = "00:00-00:00";

    private const string NodeSuffix = "no02";
    private const string GroupSuffix = "gr02";
    private const string Normal = "normal";

    public static bool IsOne(Instance instance) => instance.Engine == "mongodb";

    public static string IdOf(Instance instance) => HuaweiId.Format(instance.Id, HuaweiId.Dds);

    /// <summary>As it was registered, else by its nodes.</summary>
    public static string ModeOf(Instance instance) =>
        instance.Attributes.GetValueOrDefault(InstanceAttribute.Mode) ?? (instance.Nodes.Count > 1 ? ReplicaSet : "Single");

    /// <summary>
    /// What its operator says. That it cannot be reached is not shown: clients that wait for <c>normal</c> would never send the request that
    /// finds out that it can.
    /// </summary>
    public static string StatusOf(Instance instance) => instance.Status switch
    {
        InstanceStatus.Frozen => "frozen",
        InstanceStatus.Abnormal => "abnormal",
        InstanceStatus.Creating => "creating",
        InstanceStatus.StorageFull => "data_disk_full",
        _ => Normal,
    };

    /// <summary>What is going on; empty when nothing is. Terraform's provider waits for that after each change.</summary>
    public static IReadOnlyList<string> ActionsOf(Instance instance, bool hasOpenReset) =>
    [
        .. instance.Status switch
        {
            InstanceStatus.Creating => (string[])["CREATE"],
            InstanceStatus.Modifying => ["MODIFYING"],
            InstanceStatus.Restarting => ["RESTARTING"],
            InstanceStatus.Restoring => ["RESTORING"],
            _ => [],
        },
        .. hasOpenReset ? (string[])["RESET_PASSWORD"] : [],
    ];

    public static DdsInstance Render(Instance instance, string projectRegion, bool hasOpenReset) => new()
    {
        Id = IdOf(instance),
        Name = instance.Name,
        Remark = "",
        Status = StatusOf(instance),
        Port = instance.Primary.Port.ToString(CultureInfo.InvariantCulture),
        Mode = ModeOf(instance),
        Region = Attribute(instance, InstanceAttribute.Region, projectRegion),
        Datastore = DatastoreOf(instance),
        Engine = "wiredTiger",
        Created = Time(instance.CreatedAt),
        Updated = Time(instance.CreatedAt),
        DbUserName = instance.MainAccount?.User ?? DdsForm.DefaultUser,
        Ssl = instance.Tls.Mode == TlsMode.Disable ? 0 : 1,
        VpcId = Attribute(instance, InstanceAttribute.Vpc),
        SubnetId = Attribute(instance, InstanceAttribute.Subnet),
        SecurityGroupId = Attribute(instance, InstanceAttribute.SecurityGroup),
        BackupStrategy = new BackupStrategy(NoWindow, KeepDays: 0),
        PayMode = "0",
        MaintenanceWindow = NoWindow,
        Groups = [GroupOf(instance)],
        DiskEncryptionId = "",
        EnterpriseProjectId = Attribute(instance, InstanceAttribute.EnterpriseProject, "0"),
        TimeZone = Attribute(instance, InstanceAttribute.TimeZone),
        Actions = ActionsOf(instance, hasOpenReset),
        Tags = TagsOf(instance),
    };

    public static IReadOnlyList<Tag> TagsOf(Instance instance) =>
        [.. instance.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => new Tag(tag.Key, tag.Value))];

    /// <summary>Times without a zone, which is UTC.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    private static Datastore DatastoreOf(Instance instance)
    {
        var whole = instance.ServerVersionNumber;
        return new Datastore("DDS-Community", string.Join('.', whole.Split('.').Take(2)), PatchAvailable: false, whole);
    }

    private static Group GroupOf(Instance instance)
    {
        var type = ModeOf(instance) switch
        {
            ReplicaSet => "replica",
            Sharding => "mongos",
            _ => "single",
        };
        var volume = new Volume(Attribute(instance, InstanceAttribute.StorageGib, "0"), Used: "0");
        return new Group(type, ChildId(instance, type, GroupSuffix), instance.Name, Normal, volume, [.. instance.Nodes.Select(node => NodeOf(instance, node))]);
    }

    private static GroupNode NodeOf(Instance instance, Node node) => new(
        ChildId(instance, node.Address, NodeSuffix),
        node.Address,
        Normal,
        RoleOf(instance, node),
        node.Host,
        PublicIp: "",
        Attribute(instance, InstanceAttribute.Size),
        Attribute(instance, InstanceAttribute.AvailabilityZone));

    private static string RoleOf(Instance instance, Node node) => node.Role switch
    {
        _ when ModeOf(instance) != ReplicaSet => "unknown",
        NodeRole.Primary => "Primary",
        NodeRole.Replica => "Secondary",
        _ => "unknown",
    };

    /// <summary>Nodes have no ids of their own: the same one at every start, whoever asks.</summary>
    private static string ChildId(Instance instance, string name, string suffix) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{instance.Id:N} {name}")).AsSpan(0, 16)) + suffix;

    private static string Attribute(Instance instance, string name, string otherwise = "") => instance.Attributes.GetValueOrDefault(name, otherwise);
}
