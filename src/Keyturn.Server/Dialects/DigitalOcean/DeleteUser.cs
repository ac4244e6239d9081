using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal static class DeleteUser
{
    /// <summary>Drops a user from its server with all of its rows, then forgets their passwords. The primary user stays.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<DigitalOceanError>>> HandleAsync(
        PathText uuid, PathText username, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel)
    {
        var (cluster, error) = await instances.FindWithUsersAsync(http, uuid, cancel);
        if (cluster is null)
        {
            return error!;
        }

        var name = new AccountName(username.Text);
        var stays = name.User == cluster.MainAccount?.User ? $"{name} is the cluster's primary user." : null;
        var refusal = await roster.DropAsync(http.Caller(), cluster, name, cancel, stays);
        return refusal is null ? TypedResults.NoContent() : DigitalOceanErrors.Of(http, refusal);
    }
}
