using System.Globalization;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Instances as DDM shows them: those of the project that speak MySQL's protocol.</summary>
internal static class DdmInstances
{
    /// <summary>Milliseconds and a Z break nobody, but this is what the documents' samples have.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture);

    public static string Id(Instance instance) => HuaweiId.Format(instance.Id, HuaweiId.Ddm);

    /// <summary>The instance's main account, or else the login that Keyturn administers it with.</summary>
    public static string Administrator(Instance instance) => (instance.MainAccount ?? instance.Admin).User;

    public static async Task<IResult> ListV1Async(HttpContext http, IInstanceStore instances, AdminSessions sessions, CancellationToken cancel)
    {
        var (page, all) = await ListAsync(http, instances, sessions, cancel);
        return page is null
            ? DdmErrors.Answer(http, DdmFault.Parameter)
            : TypedResults.Json(new InstancesV1([.. page.Of(all)], all.Count, page.Number, page.Limit, all.Count, page.Count(all.Count)), DdmJson.Default.InstancesV1);
    }

    public static async Task<IResult> ListV3Async(HttpContext http, IInstanceStore instances, AdminSessions sessions, CancellationToken cancel)
    {
        var (page, all) = await ListAsync(http, instances, sessions, cancel);
        return page is null
            ? DdmErrors.Answer(http, DdmFault.Parameter)
            : TypedResults.Json(new InstancesV3([.. page.Of(all)], all.Count, page.Number, page.Limit, all.Count, page.Count(all.Count)), DdmJson.Default.InstancesV3);
    }

    /// <summary>As it is, without a wrapper.</summary>
    public static async Task<IResult> GetV1Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, AdminSessions sessions, CancellationToken cancel)
    {
        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        return instance is null ? missing! : TypedResults.Json(RenderDetail(instance, sessions), DdmJson.Default.DdmInstance);
    }

    /// <summary>A list of one.</summary>
    public static async Task<IResult> GetV3Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, AdminSessions sessions, CancellationToken cancel)
    {
        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        return instance is null ? missing! : TypedResults.Json(new InstanceV3([RenderDetail(instance, sessions)]), DdmJson.Default.InstanceV3);
    }

    private static async ValueTask<(DdmPage? Page, IReadOnlyList<DdmInstance> All)> ListAsync(
        HttpContext http, IInstanceStore instances, AdminSessions sessions, CancellationToken cancel)
    {
        var all = await http.ListInstancesAsync(instances, cancel);
        return (DdmPage.TryRead(http.Request), [.. all.Where(DdmPath.IsDdm).Select(instance => Render(instance, sessions.LastUnreached(instance)))]);
    }

    private static DdmInstance RenderDetail(Instance instance, AdminSessions sessions) => Render(instance, sessions.LastUnreached(instance)) with
    {
        AdminUserName = Administrator(instance),
        Nodes = [.. instance.Nodes.Select(node => new DdmNode(NodeId(instance, node), Status(instance), node.Host, Text(node.Port)))],
    };

    private static DdmInstance Render(Instance instance, Failure? unreached) => new()
    {
        Id = Id(instance),
        Status = Status(instance),
        Name = instance.Name,
        Created = Time(instance.CreatedAt),
        Updated = Time(instance.CreatedAt),
        AvailableZone = Attribute(instance, InstanceAttribute.AvailabilityZone) ?? "",
        VpcId = Attribute(instance, InstanceAttribute.Vpc),
        SubnetId = Attribute(instance, InstanceAttribute.Subnet),
        SecurityGroupId = Attribute(instance, InstanceAttribute.SecurityGroup),
        NodeCount = instance.Nodes.Count,
        AccessIp = Attribute(instance, InstanceAttribute.Endpoint) ?? instance.Primary.Host,
        AccessPort = Text(instance.Primary.Port),
        NodeStatus = unreached is null ? "normal" : "abnormal",
        ProjectId = HuaweiId.Format(instance.ProjectId),
        EngineVersion = instance.ServerVersionNumber,
        EnableSsl = instance.Tls.Mode != TlsMode.Disable,
        FlavorRef = Attribute(instance, InstanceAttribute.Size),
        EnterpriseProjectId = Attribute(instance, InstanceAttribute.EnterpriseProject) ?? "0",
        ErrorMsg = unreached?.Detail,
    };

    /// <summary>
    /// What the operator says. Terraform gives up at <c>ERROR</c> and repeats a request at <c>RUNNING</c>: that an instance cannot be reached, or that a
    /// reset of it is open, is neither.
    /// </summary>
    private static string Status(Instance instance) => instance.Status switch
    {
        // Their list of states has none for "frozen"; a reset says it.
        InstanceStatus.Active or InstanceStatus.Frozen => "RUNNING",
        InstanceStatus.Abnormal or InstanceStatus.StorageFull => "ERROR",
        InstanceStatus.Creating => "CREATING",
        InstanceStatus.Modifying => "RESIZING",
        InstanceStatus.Restarting => "RESTARTING",
        InstanceStatus.Restoring => "RESTORE",
        _ => throw new ArgumentOutOfRangeException(nameof(instance), instance.Status, message: null),
    };

    private static string NodeId(Instance instance, Node node) => $"{HuaweiId.Format(instance.Id)}-{instance.Nodes.ToList().IndexOf(node) + 1}";

    private static string? Attribute(Instance instance, string name) => instance.Attributes.GetValueOrDefault(name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
