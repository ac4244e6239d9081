using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Operations;

/// <summary>The newest audit entries first; after a sequence the oldest first.</summary>
internal sealed record AuditAnswer(IReadOnlyList<AuditWire> Entries);

/// <summary>Who did what, and what came of it.</summary>
internal sealed record AuditWire(long Sequence, DateTimeOffset Time, string Principal, string Source, string RequestId, string Action, string Outcome)
{
    public Guid? InstanceId { get; init; }

    public string? Account { get; init; }

    public Guid? ResetId { get; init; }

    public string? Detail { get; init; }

    /// <summary>Which chain of entries it is in; entries of an earlier Keyturn are in none.</summary>
    public Guid? Chain { get; init; }

    /// <summary>Its place in the chain.</summary>
    public long? Number { get; init; }

    /// <summary>Of the entry and the one before it in the chain.</summary>
    public string? Hash { get; init; }
}

/// <summary>Which entries are asked for.</summary>
internal sealed record AuditQuery
{
    /// <summary>1 to 1000, 100 by default.</summary>
    public int? Limit { get; init; }

    /// <summary>Only entries that follow the one of this sequence, the oldest first: 0 begins with the first one.</summary>
    public long? After { get; init; }

    /// <summary>Id or name of the instance; of one that is gone its id.</summary>
    public string? Instance { get; init; }

    /// <summary>Name of the account on the server.</summary>
    public string? Account { get; init; }

    /// <summary>Name of the principal.</summary>
    public string? Principal { get; init; }

    /// <summary>What was done: account.reset, access, …</summary>
    public string? Action { get; init; }

    /// <summary>What came of it: done, refused, …</summary>
    public string? Outcome { get; init; }

    /// <summary>Not before this time (ISO 8601).</summary>
    public DateTimeOffset? Since { get; init; }
}

internal static class ListAudit
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>The audit log of the project, newest first, or what follows an entry.</summary>
    public static async Task<Results<Ok<AuditAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AuditQuery query, HttpContext http, IInstanceStore instances, IAuditLog audit, CancellationToken cancel)
    {
        if (query.After < 0)
        {
            return Problems.Malformed(http, "The parameter after is a sequence: 0 or more.");
        }

        var filter = FilterOf(query);
        if (query.Instance is { } named)
        {
            filter = filter with { InstanceId = await InstanceIdAsync(named, http, instances, cancel) };
            if (filter.InstanceId is null)
            {
                return Problems.Of(http, new Refusal(RefusalReason.InstanceMissing, $"There is no instance {named}. Of one that is gone, ask by its id."));
            }
        }

        var entries = await audit.ListAsync(http.Caller().ProjectId, filter, cancel);
        return TypedResults.Ok(new AuditAnswer([.. entries.Select(Wire)]));
    }

    private static AuditFilter FilterOf(AuditQuery query) => new(Math.Clamp(query.Limit ?? DefaultLimit, 1, MaxLimit))
    {
        After = query.After,
        Account = query.Account,
        Principal = query.Principal,
        Action = query.Action,
        Outcome = query.Outcome,
        Since = query.Since,
    };

    /// <summary>An id is taken as it is: the log outlives instances, and is the project's own.</summary>
    private static async ValueTask<Guid?> InstanceIdAsync(string idOrName, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        Guid.TryParseExact(idOrName, "D", out var id) ? id : (await http.FindInstanceAsync(instances, idOrName, cancel))?.Id;

    private static AuditWire Wire(RecordedAuditEntry recorded)
    {
        var (sequence, time, entry) = recorded;
        return new AuditWire(sequence, time, entry.Caller.PrincipalName, entry.Caller.Source, entry.Caller.RequestId, entry.Action, entry.Outcome)
        {
            InstanceId = entry.InstanceId,
            Account = entry.Account,
            ResetId = entry.ResetId,
            Detail = entry.Detail,
            Chain = recorded.Link?.Chain,
            Number = recorded.Link?.Number,
            Hash = recorded.Link?.Hash,
        };
    }
}
