using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class SetAccountProof
{
    /// <summary>Changes how the resets of an account that Keyturn holds are proved.</summary>
    public static async Task<Results<Ok<AdoptAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ProofBody, cancel);
        if (body.Fault is not null || body.Value?.Proof is not { } proof)
        {
            return Problems.Malformed(http, body.Fault ?? "The member proof is missing.");
        }

        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        if (await instances.FindAccountAsync(instance.Id, path.Name, cancel) is not { } account)
        {
            return Problems.Of(http, new Refusal(RefusalReason.SecretMissing, $"Keyturn holds no password of {path.Name}."));
        }

        var entry = new AuditEntry
        {
            Caller = http.Caller(),
            Action = "account.proof",
            Outcome = "done",
            InstanceId = instance.Id,
            Account = path.Name.ToString(),
            Detail = $"{account.Proof} to {proof}",
        };
        await instances.SetProofAsync(account.Id, proof, entry, cancel);
        return TypedResults.Ok(new AdoptAnswer(AccountAnswer.Of(path.Name, row: null, account with { Proof = proof })));
    }
}
