using Keyturn.Instances;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ListHeldAccounts
{
    private const int DefaultLimit = 500;
    private const int MaxLimit = 1000;

    /// <summary>
    /// The accounts that Keyturn holds, of all instances of the project or of one of them, page by page. No server is asked: what it has besides shows
    /// the list of the instance's accounts.
    /// </summary>
    public static async Task<Results<Ok<HeldAccountsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        string? instance, Guid? after, int? limit, HttpContext http, IInstanceStore instances, CancellationToken cancel)
    {
        var caller = http.Caller();
        var one = instance is null ? null : await instances.FindAsync(http, instance, cancel);
        if (instance is not null && one is null)
        {
            return Problems.Of(http, new Refusal(RefusalReason.InstanceMissing, $"There is no instance {instance}."));
        }

        var size = Math.Clamp(limit ?? DefaultLimit, 1, MaxLimit);
        var page = await instances.ListHeldAsync(caller.ProjectId, one?.Id, after ?? Guid.Empty, size, cancel);
        var byId = (one is not null ? [one] : await http.ListInstancesAsync(instances, cancel)).ToDictionary(known => known.Id);
        // An instance may be one that the caller may not read; one that was removed, or added, between the two reads took its accounts along, or is on a later list.
        var answers = page.Where(held => byId.ContainsKey(held.Account.InstanceId)).Select(held => Answer(held, byId[held.Account.InstanceId]));
        return TypedResults.Ok(new HeldAccountsAnswer([.. answers], page.Count == size ? page[^1].Account.Id : null));
    }

    private static AccountAnswer Answer(HeldAccount held, Instance instance) => AccountAnswer.Of(held.Account.Name, row: null, held.Account, held.Schedule) with
    {
        Instance = instance.Name,
        IsAdmin = held.Account.Name == instance.Admin ? true : null,
        HasPassword = held.HasPassword,
    };
}
