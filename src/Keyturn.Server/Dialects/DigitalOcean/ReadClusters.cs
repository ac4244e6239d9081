using System.Text;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal static class ReadClusters
{
    /// <summary>The project's clusters.</summary>
    public static async Task<Ok<DatabasesAnswer>> ListAsync(
        [AsParameters] DigitalOceanPage page, [FromQuery(Name = "tag_name")] string? tag, HttpContext http, IInstanceStore instances, DigitalOceanClusters clusters, CancellationToken cancel)
    {
        var all = await http.ListInstancesAsync(instances, cancel);
        var chosen = all.Where(instance => tag is null || DigitalOceanClusters.Tags(instance).Contains(tag)).ToList();
        var shown = new List<Database>();
        foreach (var instance in page.Of(chosen))
        {
            shown.Add(await clusters.ShowAsync(http.Caller(), instance, cancel));
        }

        return TypedResults.Ok(new DatabasesAnswer(shown, page.Links(http, chosen.Count), new Meta(chosen.Count)));
    }

    /// <summary>One cluster. doctl reads it before each reset, for its engine.</summary>
    public static async Task<Results<Ok<DatabaseAnswer>, JsonHttpResult<DigitalOceanError>>> GetAsync(
        PathText uuid, HttpContext http, IInstanceStore instances, DigitalOceanClusters clusters, CancellationToken cancel) =>
        await instances.FindAsync(http, uuid, cancel) is { } instance
            ? TypedResults.Ok(new DatabaseAnswer(await clusters.ShowAsync(http.Caller(), instance, cancel)))
            : DigitalOceanErrors.Missing(http);

    /// <summary>The CA that Keyturn itself trusts for this cluster; missing where that is the operating system's.</summary>
    public static async Task<Results<Ok<CaAnswer>, JsonHttpResult<DigitalOceanError>>> GetCaAsync(
        PathText uuid, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        await instances.FindAsync(http, uuid, cancel) is { Tls.CaPem: { } pem }
            ? TypedResults.Ok(new CaAnswer(new Ca(Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)))))
            : DigitalOceanErrors.Missing(http);

    /// <summary>Off. Terraform's data source fails without an answer.</summary>
    public static async Task<Results<Ok<AutoscaleAnswer>, JsonHttpResult<DigitalOceanError>>> GetAutoscaleAsync(
        PathText uuid, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        await instances.FindAsync(http, uuid, cancel) is not null
            ? TypedResults.Ok(new AutoscaleAnswer(new Autoscale(new StorageAutoscale(Enabled: false))))
            : DigitalOceanErrors.Missing(http);
}
