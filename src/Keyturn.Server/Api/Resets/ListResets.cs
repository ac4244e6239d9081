using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Api.Resets;

/// <summary>Which resets are asked for.</summary>
internal sealed record ResetsQuery
{
    /// <summary>Id or name; without it, those of all instances.</summary>
    public string? Instance { get; init; }

    /// <summary>User name; only with an instance.</summary>
    public string? Account { get; init; }

    /// <summary>MySQL and MariaDB: host part of the account.</summary>
    public string? Host { get; init; }

    /// <summary>MongoDB: the account's database, where it is not <c>admin</c>.</summary>
    [FromQuery(Name = "auth_database")]
    public string? AuthDatabase { get; init; }

    /// <summary>1 to 200, 50 by default.</summary>
    public int? Limit { get; init; }
}

internal static class ListResets
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <summary>Resets of the project, of an instance or of one account, newest first.</summary>
    public static async Task<Results<Ok<ResetsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] ResetsQuery query, HttpContext http, IInstanceStore instances, IResetStore resets, CancellationToken cancel)
    {
        var chosen = await ChooseAsync(query.Instance, http, instances, cancel);
        if (chosen.Count == 0 && query.Instance is { } missing)
        {
            return Problems.Of(http, new Refusal(RefusalReason.InstanceMissing, $"There is no instance {missing}."));
        }

        if (query is { Account: not null, Instance: null })
        {
            return Problems.Malformed(http, "The parameter account needs the parameter instance.");
        }

        var limit = Math.Clamp(query.Limit ?? DefaultLimit, 1, MaxLimit);
        var found = new List<(ResetRecord Reset, Instance Instance)>();
        foreach (var instance in chosen)
        {
            var account = query.Account is { } user
                ? await instances.FindAccountAsync(instance.Id, new AccountName(user, query.Host, query.AuthDatabase), cancel)
                : null;
            if (query.Account is null || account is not null)
            {
                found.AddRange((await resets.ListAsync(instance.Id, account?.Id, limit, cancel)).Select(reset => (reset, instance)));
            }
        }

        var newest = found.OrderByDescending(line => line.Reset.PreparedAt).Take(limit);
        return TypedResults.Ok(new ResetsAnswer([.. newest.Select(line => ResetWire.Of(line.Reset, line.Instance))]));
    }

    private static async ValueTask<IReadOnlyList<Instance>> ChooseAsync(string? idOrName, HttpContext http, IInstanceStore instances, CancellationToken cancel)
    {
        if (idOrName is null)
        {
            return await http.ListInstancesAsync(instances, cancel);
        }

        return await instances.FindAsync(http, idOrName, cancel) is { } one ? [one] : [];
    }
}
