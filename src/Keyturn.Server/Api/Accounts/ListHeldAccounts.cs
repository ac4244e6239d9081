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
        var byId = (one is not null ? [one] : await http.ListInstancesAsync(instances, cancel)).ToDictionary(known => known.Id);
        var shown = new List<HeldAccount>();
        var (from, isMore) = (after ?? Guid.Empty, true);
        while (isMore && shown.Count < size)
        {
            var page = await instances.ListHeldAsync(caller.ProjectId, one?.Id, from, size, cancel);
            // Those of an instance that the caller may not read are passed over: a page with gaps would tell how many there are, and where to go on would name one.
            // Of an instance that was added or removed meanwhile a later list tells.
            shown.AddRange(page.Where(held => byId.ContainsKey(held.Account.InstanceId)).Take(size - shown.Count));
            (from, isMore) = (page is [.., var last] ? last.Account.Id : from, page.Count == size);
        }

        return TypedResults.Ok(new HeldAccountsAnswer([.. shown.Select(held => Answer(held, byId[held.Account.InstanceId]))], shown.Count == size ? shown[^1].Account.Id : null));
    }

    private static AccountAnswer Answer(HeldAccount held, Instance instance) => AccountAnswer.Of(held.Account.Name, row: null, held.Account, held.Schedule) with
    {
        Instance = instance.Name,
        IsAdmin = held.Account.Name == instance.Admin ? true : null,
        HasPassword = held.HasPassword,
    };
}
