using Keyturn.Instances;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal static class UpdateUser
{
    /// <summary>Settings are rights, which Keyturn does not change: those that ask for something are refused, and none are answered with the user as it is.</summary>
    public static async Task<Results<Created<UserAnswer>, JsonHttpResult<DigitalOceanError>>> HandleAsync(
        PathText uuid, PathText username, HttpContext http, IInstanceStore instances, DigitalOceanUsers users, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, DigitalOceanJson.Default.UpdateUserBody, cancel);
        if (body.Fault is { } fault)
        {
            return DigitalOceanErrors.Malformed(http, fault);
        }

        var (cluster, error) = await instances.FindWithUsersAsync(http, uuid, cancel);
        if (cluster is null)
        {
            return error!;
        }

        var (user, refusal) = await users.ReadAsync(http, cluster, username.Text, cancel);
        return body.Value?.Settings switch
        {
            _ when user is null => refusal!,
            null => DigitalOceanErrors.Invalid(http, "settings is required"),
            { } settings when settings.Problem(isNew: false) is { } wrong => DigitalOceanErrors.Invalid(http, wrong),
            _ => TypedResults.Created((string?)null, new UserAnswer(user)),
        };
    }
}
