using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>Reading instances.</summary>
internal static class InstanceCalls
{
    /// <summary>The version whose statuses are other words.</summary>
    public const string UnifiedVersion = "/v3.1";

    /// <summary>The project's instances. The total is that of the filter, not of the page: clients read on until they have as many.</summary>
    public static async Task<IResult> ListAsync(HttpContext http, IInstanceStore instances, IPrincipalStore principals, GaussDbInstances shown, CancellationToken cancel)
    {
        if (GaussDbPage.TryRead(http.Request) is not { } page || GaussDbFilter.TryRead(http.Request) is not { } filter)
        {
            return GaussDbErrors.Answer(http, GaussDbFault.Parameter);
        }

        var project = await http.ProjectAsync(principals, cancel);
        var chosen = filter.Of(await http.ListInstancesAsync(instances, cancel));
        var answer = new InstancesAnswer([.. page.Of(chosen).Select(instance => shown.RenderListed(instance, project, IsUnified(http)))], chosen.Count);
        return TypedResults.Json(answer, GaussDbJson.Default.InstancesAnswer);
    }

    /// <summary>One instance. Terraform polls it until it is <c>ACTIVE</c>, and takes a 404 for gone.</summary>
    public static async Task<IResult> GetAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, IPrincipalStore principals, GaussDbInstances shown, CancellationToken cancel)
    {
        var found = await instances.FindGaussDbAsync(http, instanceId, cancel);
        return found.Instance is { } instance
            ? TypedResults.Json(new InstanceAnswer(shown.RenderDetail(instance, await http.ProjectAsync(principals, cancel), IsUnified(http))), GaussDbJson.Default.InstanceAnswer)
            : GaussDbErrors.Answer(http, found.Fault!);
    }

    /// <summary>The instance that a path names, if it is the project's and a MySQL or MariaDB server; else what is to be said.</summary>
    public static async ValueTask<(Instance? Instance, GaussDbFault? Fault)> FindGaussDbAsync(
        this IInstanceStore instances, HttpContext http, PathText instanceId, CancellationToken cancel)
    {
        if (HuaweiId.TryParse(instanceId.Text, HuaweiId.GaussDb) is not { } id)
        {
            return (null, GaussDbFault.InstanceId);
        }

        var instance = await http.FindInstanceAsync(instances, id, cancel);
        return instance is not null && GaussDbInstances.IsOne(instance) ? (instance, null) : (null, GaussDbFault.InstanceMissing);
    }

    private static bool IsUnified(HttpContext http) => http.Request.Path.StartsWithSegments(UnifiedVersion, StringComparison.Ordinal);

    /// <summary>A caller's project is there for as long as the caller is.</summary>
    private static async ValueTask<Project> ProjectAsync(this HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        (await principals.FindProjectAsync(http.Caller().ProjectId, cancel))!;
}
