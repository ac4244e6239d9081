using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class EndSessions
{
    /// <summary>Ends the sessions of the account that began before its present password was set, and no other.</summary>
    public static async Task<Results<Ok<SessionsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, OldSessions sessions, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var outcome = await sessions.EndAsync(http.Caller(), instance, path.Name);
        return outcome.Refusal is { } refusal ? Problems.Of(http, refusal) : TypedResults.Ok(SessionsAnswer.Of(outcome));
    }
}
