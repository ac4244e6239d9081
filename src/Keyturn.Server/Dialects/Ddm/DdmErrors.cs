using Keyturn.Engines;
using Keyturn.Resets;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>
/// Refusals and outcomes as rows of DDM's error table, with what the database said behind the row's sentence. Once a database may have been changed
/// there is no 429 and no 5xx; Terraform repeats only what a 409 with <see cref="DdmFault.Busy"/> says.
/// </summary>
internal static class DdmErrors
{
    public static JsonHttpResult<DdmError> Answer(HttpContext http, DdmFault fault, string? detail = null)
    {
        var sentence = fault.Text.For(http.Request);
        var message = string.IsNullOrEmpty(detail) ? sentence : $"{sentence} {detail}";
        return TypedResults.Json(new DdmError(fault.Code, message, fault.Code, message), DdmJson.Default.DdmError, statusCode: fault.Status);
    }

    /// <summary>Nothing was changed, and nothing will be.</summary>
    /// <param name="http">The request.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="operation">The row of the operation that was refused, for what has none of its own.</param>
    public static JsonHttpResult<DdmError> Of(HttpContext http, Refusal refusal, DdmFault operation)
    {
        http.NameReset(refusal.ResetId);
        return refusal.Reason switch
        {
            RefusalReason.InstanceMissing => Answer(http, DdmFault.InstanceMissing),
            RefusalReason.InstanceFrozen => Answer(http, DdmFault.Frozen),
            RefusalReason.InstanceStatus => Answer(http, DdmFault.InstanceStatus, refusal.Detail),
            RefusalReason.PasswordPolicy => DdmPasswords.Answer(http, refusal.Violations),
            RefusalReason.InvalidRequest or RefusalReason.KeyReused => Answer(http, DdmFault.Parameter, refusal.Detail),
            RefusalReason.Busy => Answer(http, DdmFault.Busy, refusal.Detail),
            RefusalReason.Engine => Of(http, new Failure(refusal.Error, refusal.Detail), operation),
            RefusalReason.Store => Answer(http, DdmFault.Server, refusal.Detail),
            _ => Answer(http, operation, refusal.Detail),
        };
    }

    /// <summary>The database said no, or could not be asked.</summary>
    public static JsonHttpResult<DdmError> Of(HttpContext http, Failure failure, DdmFault operation) =>
        Answer(http, Row(failure.Error) ?? operation, failure.WithNextStep());

    /// <summary>A reset, or a creation, that is not done.</summary>
    public static JsonHttpResult<DdmError> Of(HttpContext http, ResetRecord reset, DdmFault operation) => reset.State switch
    {
        ResetState.Failed => Of(http, reset.Cause ?? new Failure(EngineError.ServerError, "The database refused; nothing was changed."), operation),
        ResetState.Parked => Answer(http, operation, $"It waits for an operator: {reset.Cause?.Detail}"),
        _ => Answer(http, DdmFault.Busy, "The database has not answered yet, and Keyturn is finding out: the same request again gets the end of this one."),
    };

    /// <summary>An answer that no handler wrote: the gateway's, but for what went wrong behind it.</summary>
    public static Task WriteAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status403Forbidden => Answer(http, DdmFault.Forbidden).ExecuteAsync(http),
        >= StatusCodes.Status500InternalServerError => Answer(http, DdmFault.Server).ExecuteAsync(http),
        _ => HuaweiErrors.WriteAsync(http),
    };

    /// <summary>What passes by itself, but for what an operator has to mend; null where the row is that of the operation.</summary>
    private static DdmFault? Row(EngineError error) => error switch
    {
        EngineError.AccountMissing => DdmFault.AccountMissing,
        EngineError.AccountExists => DdmFault.AccountExists,
        EngineError.InvalidName => DdmFault.AccountName,
        EngineError.PasswordRefusedByServer => DdmFault.Password,
        EngineError.TlsRejected or EngineError.NameNotResolved => null,
        _ => error.MayPass() ? DdmFault.Busy : null,
    };
}
