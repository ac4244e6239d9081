using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Resets;

internal static class GetReset
{
    /// <summary>The story of one reset.</summary>
    public static async Task<Results<Ok<ResetStoryAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText id, HttpContext http, IInstanceStore instances, IResetStore resets, CancellationToken cancel)
    {
        var reset = Guid.TryParseExact(id.Text, "D", out var resetId) ? await resets.FindAsync(resetId, cancel) : null;
        var instance = reset is null ? null : await http.FindInstanceAsync(instances, reset.Account.InstanceId, cancel);
        if (reset is null || instance is null)
        {
            return Problems.Of(http, new Refusal(RefusalReason.ResetMissing, $"There is no reset {id}."));
        }

        http.NameReset(reset.Id);
        return TypedResults.Ok(new ResetStoryAnswer(ResetWire.Of(reset, instance)));
    }
}
