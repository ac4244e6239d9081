using Keyturn.Instances;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class ListInstances
{
    /// <summary>The project's instances, by name.</summary>
    public static async Task<Ok<InstancesAnswer>> HandleAsync(HttpContext http, IInstanceStore instances, CancellationToken cancel)
    {
        var all = await http.ListInstancesAsync(instances, cancel);
        return TypedResults.Ok(new InstancesAnswer([.. all.Select(instance => instance.Answer())]));
    }
}
