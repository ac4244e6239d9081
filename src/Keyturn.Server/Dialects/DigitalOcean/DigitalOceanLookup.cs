using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>The cluster that a path names. What another project has does not exist for the caller.</summary>
internal static class DigitalOceanLookup
{
    private const string NoUsers = "user management is not supported for Caching or Valkey clusters";

    public static async ValueTask<Instance?> FindAsync(this IInstanceStore instances, HttpContext http, PathText uuid, CancellationToken cancel) =>
        Guid.TryParseExact(uuid.Text, "D", out var id) ? await http.FindInstanceAsync(instances, id, cancel) : null;

    /// <summary>The cluster, where its users can be managed; else what to answer.</summary>
    public static async ValueTask<(Instance? Cluster, JsonHttpResult<DigitalOceanError>? Error)> FindWithUsersAsync(
        this IInstanceStore instances, HttpContext http, PathText uuid, CancellationToken cancel) =>
        await instances.FindAsync(http, uuid, cancel) switch
        {
            null => (null, DigitalOceanErrors.Missing(http)),
            { } found when DigitalOceanEngines.HasUsers(found) => (found, null),
            _ => (null, DigitalOceanErrors.Invalid(http, NoUsers)),
        };
}
