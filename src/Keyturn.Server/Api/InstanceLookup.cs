using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Api;

/// <summary>Paths name an instance by its id or its name. What another project has does not exist for the caller.</summary>
internal static class InstanceLookup
{
    public static async ValueTask<Instance?> FindAsync(this IInstanceStore instances, Caller caller, string idOrName, CancellationToken cancel)
    {
        var byId = Guid.TryParseExact(idOrName, "D", out var id) ? await instances.FindAsync(caller.ProjectId, id, cancel) : null;
        return byId ?? await instances.FindByNameAsync(caller.ProjectId, idOrName, cancel);
    }

    public static ValueTask<Instance?> FindAsync(this IInstanceStore instances, Caller caller, PathText idOrName, CancellationToken cancel) =>
        instances.FindAsync(caller, idOrName.Text, cancel);
}
