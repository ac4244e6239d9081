using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal static class ReadUsers
{
    /// <summary>The users of a cluster, with the passwords that Keyturn holds, to whoever may see them.</summary>
    public static async Task<Results<Ok<UsersAnswer>, JsonHttpResult<DigitalOceanError>>> ListAsync(
        PathText uuid, [AsParameters] DigitalOceanPage page, HttpContext http, IInstanceStore instances, DigitalOceanUsers users, CancellationToken cancel)
    {
        var (cluster, error) = await instances.FindWithUsersAsync(http, uuid, cancel);
        if (cluster is null)
        {
            return error!;
        }

        var all = await users.ListAsync(cluster, cancel);
        var shown = new List<User>();
        foreach (var user in page.Of(all))
        {
            shown.Add(await users.ShowAsync(http.Caller(), cluster, user, cancel));
        }

        return TypedResults.Ok(new UsersAnswer(shown, page.Links(http, all.Count), new Meta(all.Count)));
    }

    /// <summary>One user, with its password where Keyturn holds it and the caller may see it. A conflict while a reset is open: an answer without a password would keep the old one in Terraform's state.</summary>
    public static async Task<Results<Ok<UserAnswer>, JsonHttpResult<DigitalOceanError>>> GetAsync(
        PathText uuid, PathText username, HttpContext http, IInstanceStore instances, DigitalOceanUsers users, CancellationToken cancel)
    {
        var (cluster, error) = await instances.FindWithUsersAsync(http, uuid, cancel);
        if (cluster is null)
        {
            return error!;
        }

        var (user, refusal) = await users.ReadAsync(http, cluster, username.Text, cancel);
        return user is null ? refusal! : TypedResults.Ok(new UserAnswer(user));
    }
}
