using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Api;

/// <summary>Paths name an instance by its id or its name. What another project has, or the caller may not read, does not exist for the caller.</summary>
internal static class InstanceLookup
{
    public static async ValueTask<Instance?> FindAsync(this IInstanceStore instances, HttpContext http, string idOrName, CancellationToken cancel)
    {
        var byId = Guid.TryParseExact(idOrName, "D", out var id) ? await http.FindInstanceAsync(instances, id, cancel) : null;
        return byId ?? await http.FindInstanceAsync(instances, idOrName, cancel);
    }

    public static ValueTask<Instance?> FindAsync(this IInstanceStore instances, HttpContext http, PathText idOrName, CancellationToken cancel) =>
        instances.FindAsync(http, idOrName.Text, cancel);
}
