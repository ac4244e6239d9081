using System.Text.Json.Serialization.Metadata;
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Instances, and what Terraform's provider reads of each at every refresh.</summary>
internal static class DdsReads
{
    /// <summary>The project's instances. There is no call for one of them: clients ask with <c>id</c>.</summary>
    public static async Task<IResult> ListAsync(
        HttpContext http, IInstanceStore instances, IResetStore resets, IPrincipalStore principals, CancellationToken cancel)
    {
        if (DdsPage.TryRead(http.Request.Query, out var page) is { } fault)
        {
            return DdsErrors.Answer(http, fault);
        }

        var projectId = http.Caller().ProjectId;
        var filter = new DdsFilter(http.Request.Query);
        var found = (await http.ListInstancesAsync(instances, cancel)).Where(instance => DdsInstances.IsOne(instance) && filter.Admits(instance)).ToList();
        var busy = await resets.ListBusyInstancesAsync(projectId, cancel);
        var region = (await principals.FindProjectAsync(projectId, cancel))?.Region ?? "";
        var shown = page.Of(found).Select(instance => DdsInstances.Render(instance, region, busy.Contains(instance.Id)));
        return TypedResults.Json(new InstancesAnswer([.. shown], found.Count), DdsJson.Default.InstancesAnswer);
    }

    /// <summary>
    /// What there is nothing of here: said as such, since Terraform's provider fails without an answer. The last three are asked of sharded
    /// clusters and replica sets.
    /// </summary>
    public static void MapAround(this IEndpointRouteBuilder instance)
    {
        instance.MapShown("/backups/policy", _ => new BackupPolicyAnswer(new BackupPolicy(DdsInstances.NoWindow, KeepDays: 0, Period: "")), DdsJson.Default.BackupPolicyAnswer);
        instance.MapShown("/monitoring-by-seconds/switch", _ => new SwitchAnswer(Enabled: false), DdsJson.Default.SwitchAnswer);
        instance.MapShown("/slowlog-desensitization/status", _ => new StatusAnswer("on"), DdsJson.Default.StatusAnswer);
        instance.MapShown("/auto-enlarge-volume-policy", _ => new AutoEnlargeAnswer("off", new AutoEnlargePolicy(0, 0, 0)), DdsJson.Default.AutoEnlargeAnswer);
        instance.MapShown("/tags", one => new TagsAnswer(DdsInstances.TagsOf(one)), DdsJson.Default.TagsAnswer);
        instance.MapShown("/balancer", _ => new BalancerAnswer(IsOpen: true, new ActiveWindow("", "")), DdsJson.Default.BalancerAnswer);
        instance.MapShown("/replica-set/name", _ => new NameAnswer("replica"), DdsJson.Default.NameAnswer);
        instance.MapShown("/client-network", _ => new ClientNetworkAnswer([]), DdsJson.Default.ClientNetworkAnswer);
    }

    /// <summary>A reset as a job, by the id that its answer named.</summary>
    public static async Task<IResult> GetJobAsync(HttpContext http, IInstanceStore instances, IResetStore resets, CancellationToken cancel)
    {
        if (!Guid.TryParse(http.Request.Query["id"].ToString(), out var id))
        {
            return DdsErrors.Answer(http, DdsError.Parameter);
        }

        var reset = await resets.FindAsync(id, cancel);
        var instance = await http.FindInstanceOfJobAsync(instances, id, reset?.Account.InstanceId, cancel);
        return reset is not null && instance is not null && DdsInstances.IsOne(instance)
            ? TypedResults.Json(new JobAnswer(JobOf(instance, reset)), DdsJson.Default.JobAnswer)
            : DdsErrors.Answer(http, DdsError.Parameter);
    }

    private static void MapShown<T>(this IEndpointRouteBuilder routes, string path, Func<Instance, T> show, JsonTypeInfo<T> type) =>
        routes.MapGet(path, async (PathText instance_id, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        {
            var (instance, refusal) = await DdsRequest.FindAsync(http, instance_id, instances, cancel);
            return instance is null ? refusal! : TypedResults.Json(show(instance), type);
        }).Requires(ProviderAction.DdsListInstances);

    private static Job JobOf(Instance instance, ResetRecord reset) => new(
        HuaweiId.Format(reset.Id),
        reset.Kind == ResetKind.Create ? "CreateDatabaseUser" : "ResetPassword",
        reset.IsOpen ? "Running" : reset.State == ResetState.Done ? "Completed" : "Failed",
        DdsInstances.Time(reset.PreparedAt),
        reset.EndedAt is { } ended ? DdsInstances.Time(ended) : "",
        reset.IsOpen ? "0" : "100",
        reset.Cause?.Detail ?? "",
        new JobInstance(DdsInstances.IdOf(instance), instance.Name));
}
