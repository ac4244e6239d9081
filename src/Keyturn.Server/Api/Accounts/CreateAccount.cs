using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class CreateAccount
{
    /// <summary>Makes an account with no rights but to log in. A reset of kind create: proved, recovered and answered like one.</summary>
    public static async Task<Results<Ok<ResetAnswer>, Created<ResetAnswer>, Accepted<ResetAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Resetter resetter, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.CreateBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var asked = body.Value;
        var name = new AccountName(asked?.User ?? "", asked?.Host, asked?.AuthDatabase);
        await http.RequireForProofAsync(instances, found, name, asked?.Proof, cancel);
        var reveal = asked?.Reveal ?? true;
        var request = http.NewReset(found, name, "api.create", shows: reveal) with
        {
            Kind = ResetKind.Create,
            Password = asked?.Password,
            AuthPlugin = asked?.AuthPlugin,
            Proof = asked?.Proof,
            IdempotencyKey = http.IdempotencyKey(),
            HidesPassword = asked?.Reveal is false,
        };
        var outcome = await resetter.RunAsync(request, cancel);
        return ResetAnswers.Of(http, found, outcome, reveal);
    }
}
