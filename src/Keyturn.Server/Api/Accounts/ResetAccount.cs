using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Hosting;
using Keyturn.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ResetAccount
{
    /// <summary>More than any that is accepted, and no more than a time can hold.</summary>
    private const long MostSeconds = 1_000_000_000;

    /// <summary>Gives an account a new password, generated or given, and proves it. The body may be empty.</summary>
    public static async Task<Results<Ok<ResetAnswer>, Created<ResetAnswer>, Accepted<ResetAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Resetter resetter, OldSessions sessions, ReplicaWait replicas, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ResetBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var endsSessions = body.Value?.EndSessions is true;
        if (endsSessions && sessions.Refuse(instance, path.Name) is { } refusal)
        {
            return Problems.Of(http, refusal);
        }

        var wait = body.Value?.WaitForReplicasSeconds;
        if (wait is not null && !(wait > 0 && wait <= ReplicaWait.Longest.TotalSeconds))
        {
            return Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, $"wait_for_replicas_seconds is above 0 and up to {ReplicaWait.Longest.TotalSeconds:0}."));
        }

        await http.RequireForProofAsync(instances, instance, path.Name, body.Value?.Proof, cancel);
        var reveal = body.Value?.Reveal ?? (!instance.IsAdmin(path.Name) || http.May(KeyturnAction.RevealAccount, instance));
        var request = http.NewReset(instance, path.Name, "api.reset", shows: body.Value?.Reveal is true) with
        {
            Password = body.Value?.Password,
            AuthPlugin = body.Value?.AuthPlugin,
            Proof = body.Value?.Proof,
            KeepOldFor = body.Value?.KeepOldForSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, MostSeconds)) : null,
            IdempotencyKey = http.IdempotencyKey(),
            HidesPassword = !reveal,
        };
        var outcome = await resetter.RunAsync(request, cancel);
        var password = outcome is { Reset.State: ResetState.Done } ? outcome.Password : null;
        var shown = wait is { } limit && password is not null
            ? await replicas.RunAsync(instance, outcome.Reset!, password, TimeSpan.FromSeconds(limit), cancel)
            : null;
        var ended = endsSessions && outcome.Reset is { State: ResetState.Done } ? await EndAsync(http, sessions, instance, path.Name) : null;
        return ResetAnswers.Of(http, instance, outcome, reveal, ended, shown);
    }

    /// <summary>The reset is done, and is to be told so, whatever comes of this.</summary>
    private static async ValueTask<SessionsAnswer?> EndAsync(HttpContext http, OldSessions sessions, Instance instance, AccountName name)
    {
        try
        {
            var outcome = await sessions.EndAsync(http.Caller(), instance, name);
            return outcome.Refusal is null ? SessionsAnswer.Of(outcome) : null;
        }
        catch (Exception)
        {
            // The store could not be read or written. The answer lacks the sessions, and end-sessions can be asked for again.
            return null;
        }
    }
}
