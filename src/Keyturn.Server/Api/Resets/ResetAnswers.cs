using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Api.Accounts;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Resets;

/// <summary>What is answered to a reset, by where it stands. From prepare on nothing is a 5xx or 429: clients repeat those by themselves.</summary>
internal static class ResetAnswers
{
    public static Results<Ok<ResetAnswer>, Created<ResetAnswer>, Accepted<ResetAnswer>, JsonHttpResult<Problem>> Of(
        HttpContext http, Instance instance, ResetOutcome outcome, bool reveal, SessionsAnswer? sessions = null, IReadOnlyList<ReplicaState>? replicas = null)
    {
        if (outcome.Reset is not { } reset)
        {
            return Problems.Of(http, outcome.Refusal!);
        }

        http.AnswerWith(reset);
        var answer = new ResetAnswer(ResetWire.Of(reset, instance), reveal ? outcome.Password : null)
        {
            Sessions = sessions,
            Replicas = replicas is null ? null : [.. replicas.Select(ReplicaWire.Of)],
        };
        return reset.State switch
        {
            ResetState.Done when reset.Kind == ResetKind.Create => TypedResults.Created(Path(reset), answer),
            ResetState.Done => TypedResults.Ok(answer),
            ResetState.Failed => Problems.OfFailedReset(http, reset.Id, reset.Cause),
            ResetState.Prepared or ResetState.Undecided or ResetState.Parked => TypedResults.Accepted(Path(reset), answer),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), reset.State, message: null),
        };
    }

    private static string Path(ResetRecord reset) => $"{ApiRoutes.Prefix}/resets/{reset.Id}";
}
