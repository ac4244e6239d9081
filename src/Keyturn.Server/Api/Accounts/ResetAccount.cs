using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ResetAccount
{
    /// <summary>Gives an account a new password, generated or given, and proves it. The body may be empty.</summary>
    public static async Task<Results<Ok<ResetAnswer>, Created<ResetAnswer>, Accepted<ResetAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Resetter resetter, ReplicaWait replicas, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ResetBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await instances.FindAsync(http.Caller(), path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var wait = body.Value?.WaitForReplicasSeconds;
        if (wait is not null && !(wait > 0 && wait <= ReplicaWait.Longest.TotalSeconds))
        {
            return Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, $"wait_for_replicas_seconds is above 0 and up to {ReplicaWait.Longest.TotalSeconds:0}."));
        }

        var request = new ResetRequest(http.Caller(), instance, path.Name, "api.reset")
        {
            Password = body.Value?.Password,
            AuthPlugin = body.Value?.AuthPlugin,
            Proof = body.Value?.Proof,
            IdempotencyKey = http.IdempotencyKey(),
        };
        var outcome = await resetter.RunAsync(request, cancel);
        var shown = wait is { } seconds && outcome is { Reset: { State: ResetState.Done } done, Password: { } password }
            ? await replicas.RunAsync(instance, done, password, TimeSpan.FromSeconds(seconds), cancel)
            : null;
        return ResetAnswers.Of(http, instance, outcome, body.Value?.Reveal ?? true, shown);
    }
}
