using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class RotateAdmin
{
    /// <summary>
    /// Gives the admin login of an instance a new, generated password: a reset like any other. The body may be empty; the password is shown
    /// only on request, and only to whom may reveal passwords.
    /// </summary>
    public static async Task<Results<Ok<ResetAnswer>, Created<ResetAnswer>, Accepted<ResetAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Resetter resetter, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.RotateAdminBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var reveal = body.Value?.Reveal ?? false;
        var request = http.NewReset(found, found.Admin, "api.rotate-admin", shows: reveal) with { IdempotencyKey = http.IdempotencyKey(), HidesPassword = !reveal };
        return ResetAnswers.Of(http, found, await resetter.RunAsync(request, cancel), reveal);
    }
}
