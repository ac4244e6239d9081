using Keyturn.Audit;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Operations;

/// <summary>The newest audit entries first.</summary>
internal sealed record AuditAnswer(IReadOnlyList<AuditWire> Entries);

/// <summary>Who did what, and what came of it.</summary>
internal sealed record AuditWire(long Sequence, DateTimeOffset Time, string Principal, string Source, string RequestId, string Action, string Outcome)
{
    public Guid? InstanceId { get; init; }

    public string? Account { get; init; }

    public Guid? ResetId { get; init; }

    public string? Detail { get; init; }
}

internal static class ListAudit
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>The audit log of the project, newest first.</summary>
    public static async Task<Ok<AuditAnswer>> HandleAsync(int? limit, HttpContext http, IAuditLog audit, CancellationToken cancel)
    {
        var entries = await audit.ListAsync(http.Caller().ProjectId, Math.Clamp(limit ?? DefaultLimit, 1, MaxLimit), cancel);
        return TypedResults.Ok(new AuditAnswer([.. entries.Select(Wire)]));
    }

    private static AuditWire Wire(RecordedAuditEntry recorded)
    {
        var (sequence, time, entry) = recorded;
        return new AuditWire(sequence, time, entry.Caller.PrincipalName, entry.Caller.Source, entry.Caller.RequestId, entry.Action, entry.Outcome)
        {
            InstanceId = entry.InstanceId,
            Account = entry.Account,
            ResetId = entry.ResetId,
            Detail = entry.Detail,
        };
    }
}
