using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ListAccounts
{
    /// <summary>The accounts of the server, read from it, and those that only Keyturn knows.</summary>
    public static async Task<Results<Ok<AccountsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel)
    {
        if (await instances.FindAsync(http.Caller(), instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var listed = await roster.ListAsync(found, cancel);
        return listed.Value is { } lines
            ? TypedResults.Ok(new AccountsAnswer([.. lines.Select(line => AccountAnswer.Of(line.Name, line.Row, line.Held))]))
            : Problems.Of(http, listed.Failure!);
    }
}
