using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class VerifyAccount
{
    /// <summary>Checks the stored password against the server, and says whether the account has drifted.</summary>
    public static async Task<Results<Ok<VerifyAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Verifier verifier, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var outcome = await verifier.VerifyAsync(http.Caller(), instance, path.Name, cancel);
        return outcome.Verdict is { } verdict
            ? TypedResults.Ok(new VerifyAnswer(verdict, outcome.Version, outcome.Failure?.Error, outcome.Failure?.Detail, outcome.Failure?.Error.NextStep()))
            : Problems.Of(http, outcome.Refusal!);
    }
}
