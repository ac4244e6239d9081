using Keyturn.Instances;
using Keyturn.Rotations;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ListAccounts
{
    /// <summary>The accounts of the server, read from it, and those that only Keyturn knows.</summary>
    public static async Task<Results<Ok<AccountsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, IScheduleStore schedules, Roster roster, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var listed = await roster.ListAsync(found, cancel);
        if (listed.Value is not { } lines)
        {
            return Problems.Of(http, listed.Failure!);
        }

        var scheduled = (await schedules.ListAsync(found.Id, cancel)).ToDictionary(schedule => schedule.AccountId);
        return TypedResults.Ok(new AccountsAnswer(
            [.. lines.Select(line => AccountAnswer.Of(line.Name, line.Row, line.Held, line.Held is { } held ? scheduled.GetValueOrDefault(held.Id) : null))]));
    }
}
