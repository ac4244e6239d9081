using Keyturn.Checks;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class AdoptAccount
{
    /// <summary>Takes an account over with its present password: proves it and stores it. Changes nothing on the server.</summary>
    public static async Task<Results<Ok<AdoptAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Adopter adopter, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.AdoptBody, cancel);
        if (body.Fault is not null || body.Value?.Password is not { } password)
        {
            return Problems.Malformed(http, body.Fault ?? "The member password is missing.");
        }

        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        await http.RequireForProofAsync(instances, instance, path.Name, body.Value.Proof, cancel);
        var outcome = await adopter.AdoptAsync(http.Caller(), instance, path.Name, password, body.Value.Proof, cancel);
        return outcome.Account is { } account
            ? TypedResults.Ok(new AdoptAnswer(AccountAnswer.Of(account.Name, row: null, account)))
            : Problems.Of(http, outcome.Refusal!);
    }
}
