using Keyturn.Instances;
using Keyturn.Jobs;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Keyturn.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>
/// Carries out a call for several users, one after the other, before it answers with a job. What goes wrong while nothing has been changed is an
/// error; afterwards it ends the work, and the job tells what was left undone.
/// </summary>
internal sealed class DbUserJobs(Resetter resetter, Roster roster, IJobStore jobs, TimeProvider clock, ILogger<DbUserJobs> logger)
{
    /// <summary>Resets, or creations, in this order.</summary>
    public async Task<IResult> ResetAsync(
        HttpContext http, Instance instance, string name, int status, IReadOnlyList<ResetRequest> requests, CancellationToken cancel)
    {
        var job = NewJob(http, instance, name);
        var made = new List<ResetRecord>();
        foreach (var request in requests)
        {
            var outcome = made.Count == 0 ? await resetter.RunAsync(request, cancel) : await GoOnAsync(http, request);
            if (made.Count == 0 && Unchanged(http, instance, outcome) is { } error)
            {
                return error;
            }

            made.AddRange(outcome.Reset is { } reset ? [reset] : []);
            if (outcome.Reset is not { State: ResetState.Done })
            {
                job = job with { Failure = Undone(outcome.Refusal is { } refusal ? $"{request.Account}: {refusal.Detail}" : null, requests.Count - made.Count) };
                break;
            }
        }

        return await AnswerAsync(http, job, made, status);
    }

    /// <summary>Drops, in this order.</summary>
    public async Task<IResult> DropAsync(HttpContext http, Instance instance, string name, IReadOnlyList<AccountName> accounts, CancellationToken cancel)
    {
        if (accounts.FirstOrDefault(account => account.User == instance.Admin.User) is { User: not null } admin)
        {
            var stays = $"{admin} is the login that Keyturn administers {instance.Name} with.";
            await roster.DropAsync(http.Caller(), instance, admin, cancel, stays);
            return GaussDbErrors.Answer(http, GaussDbFault.BuiltInAccount, stays);
        }

        var job = NewJob(http, instance, name);
        for (var dropped = 0; dropped < accounts.Count; dropped++)
        {
            var refusal = dropped == 0
                ? await roster.DropAsync(http.Caller(), instance, accounts[0], cancel)
                : await DropNextAsync(http, instance, accounts[dropped]);
            if (refusal is not null && dropped == 0)
            {
                // It may be gone although there was no answer: not a 5xx.
                return refusal.Reason == RefusalReason.Engine ? GaussDbErrors.OfChange(http, new(refusal.Error, refusal.Detail)) : GaussDbErrors.Of(http, instance, refusal);
            }

            if (refusal is not null)
            {
                job = job with { Failure = Undone($"{accounts[dropped]}: {refusal.Detail}", accounts.Count - dropped) };
                break;
            }
        }

        return await AnswerAsync(http, job, [], StatusCodes.Status202Accepted);
    }

    /// <summary>For what is so already.</summary>
    public Task<IResult> NothingToDoAsync(HttpContext http, Instance instance, string name) =>
        AnswerAsync(http, NewJob(http, instance, name), [], StatusCodes.Status202Accepted);

    /// <summary>The error for the first of several, where it leaves everything as it was, or nobody would get to hear of it otherwise.</summary>
    private static JsonHttpResult<GaussDbError>? Unchanged(HttpContext http, Instance instance, ResetOutcome outcome)
    {
        if (outcome.Refusal is { } refusal)
        {
            return GaussDbErrors.Of(http, instance, refusal);
        }

        if (outcome.Reset is not { State: ResetState.Failed or ResetState.Parked } ended)
        {
            return null;
        }

        http.AnswerWith(ended);
        return GaussDbErrors.Of(http, ended);
    }

    /// <summary>Something has been changed by now: the caller hanging up ends nothing, and what is thrown is told by the job.</summary>
    private async Task<ResetOutcome> GoOnAsync(HttpContext http, ResetRequest request)
    {
        try
        {
            return await resetter.RunAsync(request, CancellationToken.None);
        }
        catch (Exception error)
        {
            ServerLog.RequestFailed(logger, error, http.TraceIdentifier);
            return ResetOutcome.Refused(StoreFailed);
        }
    }

    /// <inheritdoc cref="GoOnAsync"/>
    private async ValueTask<Refusal?> DropNextAsync(HttpContext http, Instance instance, AccountName account)
    {
        try
        {
            return await roster.DropAsync(http.Caller(), instance, account, CancellationToken.None);
        }
        catch (Exception error)
        {
            ServerLog.RequestFailed(logger, error, http.TraceIdentifier);
            return StoreFailed;
        }
    }

    private async Task<IResult> AnswerAsync(HttpContext http, Job job, List<ResetRecord> made, int status)
    {
        made.ForEach(http.AnswerWith);
        http.Response.Headers[ResetHeader.Name] = made.Select(reset => reset.Id.ToString()).ToArray();
        try
        {
            await jobs.AddAsync(job with { EndedAt = clock.GetUtcNow(), ResetIds = [.. made.Select(reset => reset.Id)] }, CancellationToken.None);
        }
        catch (StoreException error)
        {
            // The work is done, and no job tells of it. A repeat comes to the same, but for a creation, which is told that the accounts are there.
            ServerLog.RequestFailed(logger, error, http.TraceIdentifier);
            return GaussDbErrors.Answer(http, GaussDbFault.Busy, StoreFailed.Detail);
        }

        return TypedResults.Json(new JobIdAnswer(job.Id.ToString()), GaussDbJson.Default.JobIdAnswer, statusCode: status);
    }

    private Job NewJob(HttpContext http, Instance instance, string name) => new()
    {
        Id = Guid.CreateVersion7(clock.GetUtcNow()),
        ProjectId = http.Caller().ProjectId,
        InstanceId = instance.Id,
        Name = name,
        CreatedAt = clock.GetUtcNow(),
        EndedAt = clock.GetUtcNow(),
        ResetIds = [],
    };

    private static string? Undone(string? why, int left) => (why, left) switch
    {
        (null, 0) => null,
        (null, _) => "The accounts after it were left as they are.",
        (_, 1) => why,
        _ => $"{why} The accounts after it were left as they are.",
    };

    private static Refusal StoreFailed => new(RefusalReason.Store, "Keyturn's store could not be read or written; its log says why.");
}
