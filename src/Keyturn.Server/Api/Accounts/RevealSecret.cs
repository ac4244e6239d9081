using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class RevealSecret
{
    /// <summary>The password that is in force; while a reset is open, a conflict, or on request the candidates.</summary>
    public static async Task<Results<Ok<SecretAnswer>, Ok<CandidatesAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, bool? candidates, HttpContext http, IInstanceStore instances, SecretReader reader, CancellationToken cancel)
    {
        var caller = http.Caller();
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var outcome = candidates is true
            ? await reader.CandidatesAsync(caller, instance, path.Name, cancel)
            : await reader.RevealAsync(caller, instance, path.Name, cancel);
        return (outcome.Refusal, candidates) switch
        {
            ({ } refusal, _) => Problems.Of(http, refusal),
            (_, true) => TypedResults.Ok(new CandidatesAnswer([.. outcome.Versions.Select(SecretAnswer.Of)])),
            _ => TypedResults.Ok(SecretAnswer.Of(outcome.Versions[0])),
        };
    }
}
