using Keyturn.Instances;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ListAccounts
{
    /// <summary>The accounts of the server, read from it, and those that only Keyturn knows.</summary>
    public static async Task<Results<Ok<AccountsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel)
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

        var held = (await instances.ListHeldAsync(found.ProjectId, found.Id, Guid.Empty, int.MaxValue, cancel)).ToDictionary(account => account.Account.Id);
        return TypedResults.Ok(new AccountsAnswer([.. lines.Select(line => Answer(line, line.Held is { } account ? held.GetValueOrDefault(account.Id) : null))]));
    }

    private static AccountAnswer Answer(RosterLine line, HeldAccount? held) =>
        AccountAnswer.Of(line.Name, line.Row, line.Held, held?.Schedule) with { HasPassword = held?.HasPassword };
}
