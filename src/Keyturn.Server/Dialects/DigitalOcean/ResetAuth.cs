using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal static class ResetAuth
{
    /// <summary>Gives a user a new, generated password. The body may be empty.</summary>
    public static async Task<Results<Ok<UserAnswer>, JsonHttpResult<DigitalOceanError>>> HandleAsync(
        PathText uuid, PathText username, HttpContext http, IInstanceStore instances, Resetter resetter, Roster roster, DigitalOceanUsers users, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, DigitalOceanJson.Default.ResetAuthBody, cancel);
        if (body.Fault is { } fault)
        {
            return DigitalOceanErrors.Malformed(http, fault);
        }

        var (cluster, error) = await instances.FindWithUsersAsync(http, uuid, cancel);
        if (cluster is null)
        {
            return error!;
        }

        var settings = body.Value?.MysqlSettings;
        if (settings?.Problem(cluster) is { } wrong)
        {
            return DigitalOceanErrors.Invalid(http, wrong);
        }

        var name = await roster.NameOfUserAsync(cluster, username.Text, cancel);
        var request = http.NewReset(cluster, name, "digitalocean.reset_auth", shows: true) with
        {
            AuthPlugin = settings?.AuthPlugin,
            IdempotencyKey = http.IdempotencyKey(),
        };
        var (user, refusal) = await users.AnswerAsync(http, cluster, await resetter.RunAsync(request, cancel));
        return user is null ? refusal! : TypedResults.Ok(new UserAnswer(user));
    }
}
