using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>Instances as GaussDB shows them: MySQL and MariaDB servers. What Keyturn does not know is an attribute of the instance, or the provider's default.</summary>
internal sealed class GaussDbInstances(AdminSessions sessions)
{
    /// <summary>The only kind that there is.</summary>
    public const string Cluster = "Cluster";

    /// <summary>The only engine that there is.</summary>
    public const string Engine = "gaussdb-mysql";

    private const string NodeSuffix = "no07";

    /// <summary>Open Telekom Cloud's Terraform provider plans to replace an instance that shows another one than its configuration, where this is the default.</summary>
    private const string DefaultTimeZone = "UTC+08:00";

    private const string SelfHosted = "self-hosted";

    public static bool IsOne(Instance instance) => instance.Engine is "mysql" or "mariadb";

    public static string Id(Instance instance) => HuaweiId.Format(instance.Id, HuaweiId.GaussDb);

    /// <summary>The account that a call means which names none.</summary>
    public static AccountName MainAccount(Instance instance) => instance.MainAccount ?? new AccountName("root");

    /// <summary>A time as these services write it: with an offset that has no colon.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture);

    /// <summary>As one of a list.</summary>
    public GaussDbInstance RenderListed(Instance instance, Project project, bool isUnified) => Render(instance, project, isUnified) with
    {
        PrivateIps = [Address(instance)],
        FlavorInfo = new FlavorInfo("", ""),
        Volume = new Volume(SelfHosted, Of(instance, InstanceAttribute.StorageGib, "0")),
    };

    /// <summary>As a single one.</summary>
    public GaussDbInstance RenderDetail(Instance instance, Project project, bool isUnified)
    {
        var common = Render(instance, project, isUnified);
        return common with
        {
            PublicIps = "",
            ChargeInfo = common.ChargeInfo with { OrderId = "" },
            ProjectId = HuaweiId.Format(instance.ProjectId),
            Alias = "",
            ConfigurationId = "",
            AzMode = "single",
            MasterAzCode = Of(instance, InstanceAttribute.AvailabilityZone),
            MaintenanceWindow = "",
            BackupUsedSpace = 0,
            PrivateWriteIps = [Address(instance)],
            NodeCount = instance.Nodes.Count,
            Nodes = [.. instance.Nodes.Select((node, position) => Render(common, instance, node, position))],
        };
    }

    /// <summary>The host that applications write to.</summary>
    public static string Address(Instance instance) => Of(instance, InstanceAttribute.Endpoint, instance.Primary.Host);

    public static string Of(Instance instance, string attribute, string otherwise = "") => instance.Attributes.GetValueOrDefault(attribute, otherwise);

    private GaussDbInstance Render(Instance instance, Project project, bool isUnified) => new()
    {
        Id = Id(instance),
        Name = instance.Name,
        Status = isUnified ? GaussDbStatus.Unified(instance, sessions.LastUnreached(instance)) : GaussDbStatus.Of(instance),
        Type = Cluster,
        Port = instance.Primary.Port.ToString(CultureInfo.InvariantCulture),
        PublicIps = new JsonArray(),
        Region = Of(instance, InstanceAttribute.Region, project.Region),
        Datastore = Datastore(instance),
        // Keyturn makes no backups.
        BackupStrategy = new BackupStrategy("", "0"),
        ChargeInfo = new ChargeInfo("postPaid", OrderId: null),
        FlavorRef = Of(instance, InstanceAttribute.Size, SelfHosted),
        DbUserName = MainAccount(instance).User,
        TimeZone = Of(instance, InstanceAttribute.TimeZone, DefaultTimeZone),
        VpcId = Of(instance, InstanceAttribute.Vpc),
        SubnetId = Of(instance, InstanceAttribute.Subnet),
        SecurityGroupId = Of(instance, InstanceAttribute.SecurityGroup),
        EnterpriseProjectId = Of(instance, InstanceAttribute.EnterpriseProject, "0"),
        DedicatedResourceId = "",
        Tags = Tags(instance),
        Created = Time(instance.CreatedAt),
        Updated = Time(instance.CreatedAt),
    };

    private static InstanceNode Render(GaussDbInstance common, Instance instance, Node node, int position) => new()
    {
        Id = NodeId(instance, node),
        Name = $"{instance.Name}_node{position + 1}",
        Type = node == instance.Primary ? "master" : "slave",
        Status = common.Status,
        Port = node.Port,
        PrivateReadIps = [node.Host],
        Volume = new NodeVolume(SelfHosted, "0", int.TryParse(Of(instance, InstanceAttribute.StorageGib), CultureInfo.InvariantCulture, out var size) ? size : 0),
        AzCode = Of(instance, InstanceAttribute.AvailabilityZone),
        RegionCode = common.Region,
        FlavorRef = common.FlavorRef,
        Vcpus = "",
        Ram = "",
        NeedRestart = false,
        Priority = position + 1,
        Created = common.Created,
        Updated = common.Updated,
    };

    private static Datastore Datastore(Instance instance)
    {
        var kernel = instance.ServerVersionNumber;
        return new Datastore(Engine, string.Join('.', kernel.Split('.').Take(2)), kernel);
    }

    private static IReadOnlyList<Tag> Tags(Instance instance) =>
        [.. instance.Tags.Select(tag => new Tag(tag.Key, tag.Value)).OrderBy(tag => tag.Key, StringComparer.Ordinal)];

    /// <summary>Nodes have no ids here: the same address is the same node.</summary>
    private static string NodeId(Instance instance, Node node) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{instance.Id} {node.Address}")).AsSpan(0, 16)) + NodeSuffix;
}
