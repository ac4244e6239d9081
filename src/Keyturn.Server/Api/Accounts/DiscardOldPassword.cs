using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class DiscardOldPassword
{
    /// <summary>Shuts out an old password that a reset has left valid, before its time. A reset of kind discard-old: the present password stays, and is not shown.</summary>
    public static async Task<Results<Ok<ResetAnswer>, Created<ResetAnswer>, Accepted<ResetAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Resetter resetter, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var request = http.NewReset(instance, path.Name, "api.discard_old") with { Kind = ResetKind.DiscardOld, IdempotencyKey = http.IdempotencyKey() };
        return ResetAnswers.Of(http, instance, await resetter.RunAsync(request, cancel), reveal: false);
    }
}
