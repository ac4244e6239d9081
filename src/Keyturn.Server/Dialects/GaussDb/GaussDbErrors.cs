using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>
/// Refusals and outcomes as rows of GaussDB's error table, with what the database said behind the row's sentence. A 5xx is said only while nothing
/// has been written or sent; Terraform repeats only what a 409 with <see cref="GaussDbFault.Busy"/> says.
/// </summary>
internal static class GaussDbErrors
{
    public static JsonHttpResult<GaussDbError> Answer(HttpContext http, GaussDbFault fault, string? detail = null)
    {
        var sentence = fault.Text.For(http.Request);
        var error = new GaussDbError(fault.Code, string.IsNullOrEmpty(detail) ? sentence : $"{sentence} {detail}");
        return TypedResults.Json(error, GaussDbJson.Default.GaussDbError, statusCode: fault.Status);
    }

    /// <summary>Nothing was changed, and nothing will be.</summary>
    public static JsonHttpResult<GaussDbError> Of(HttpContext http, Instance instance, Refusal refusal)
    {
        http.NameReset(refusal.ResetId);
        return refusal.Reason switch
        {
            RefusalReason.InstanceMissing => Answer(http, GaussDbFault.InstanceMissing),
            RefusalReason.InstanceFrozen => Answer(http, GaussDbFault.Frozen),
            RefusalReason.PasswordPolicy => Answer(http, GaussDbPasswords.Fault(refusal.Violations)),
            RefusalReason.InvalidRequest or RefusalReason.KeyReused => Answer(http, GaussDbFault.Parameter, refusal.Detail),
            RefusalReason.InstanceStatus when instance.Status == InstanceStatus.StorageFull => Answer(http, GaussDbFault.StorageFull),
            RefusalReason.InstanceStatus => Answer(http, GaussDbFault.InstanceStatus, refusal.Detail),
            RefusalReason.Busy => Answer(http, GaussDbFault.Busy, refusal.Detail),
            RefusalReason.Protected => Answer(http, GaussDbFault.BuiltInAccount, refusal.Detail),
            RefusalReason.Conflict or RefusalReason.Unverified => Answer(http, GaussDbFault.NotAllowed, refusal.Detail),
            RefusalReason.Engine => Of(http, new Failure(refusal.Error, refusal.Detail)),
            RefusalReason.Store => Answer(http, GaussDbFault.Server, refusal.Detail),
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Reason, message: null),
        };
    }

    /// <summary>The database, or the way to it, said no before anything was written or sent.</summary>
    public static JsonHttpResult<GaussDbError> Of(HttpContext http, Failure failure) =>
        Answer(http, failure.Error.IsUnreachable() ? GaussDbFault.NotProcessed : Fault(failure.Error), failure.WithNextStep());

    /// <summary>The database said no, or nothing, when it was asked for a change.</summary>
    public static JsonHttpResult<GaussDbError> OfChange(HttpContext http, Failure failure) => Answer(http, Fault(failure.Error), failure.WithNextStep());

    /// <summary>A reset that is not done.</summary>
    public static JsonHttpResult<GaussDbError> Of(HttpContext http, ResetRecord reset) => reset.State switch
    {
        ResetState.Failed => OfChange(http, reset.Cause ?? new Failure(EngineError.ServerError, "The database refused; nothing was changed.")),
        ResetState.Parked => Answer(http, GaussDbFault.NotAllowed, $"The reset waits for an operator. {reset.Cause?.Detail}".TrimEnd()),
        _ => Answer(http, GaussDbFault.Busy, "The database has not answered yet, and Keyturn is finding out: the same request again gets the end of this reset."),
    };

    /// <summary>An answer that no handler wrote: the gateway's, but for what went wrong behind it.</summary>
    public static Task WriteAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status403Forbidden => Answer(http, GaussDbFault.Forbidden).ExecuteAsync(http),
        >= StatusCodes.Status500InternalServerError => Answer(http, GaussDbFault.Server).ExecuteAsync(http),
        _ => HuaweiErrors.WriteAsync(http),
    };

    private static GaussDbFault Fault(EngineError error) => error switch
    {
        EngineError.AccountMissing => GaussDbFault.AccountMissing,
        EngineError.AccountExists => GaussDbFault.AccountExists,
        EngineError.PasswordRefusedByServer => GaussDbFault.Password,
        EngineError.InvalidName => GaussDbFault.Parameter,
        _ when error.MayPass() || error.IsUnreachable() => GaussDbFault.Busy,
        _ => GaussDbFault.NotAllowed,
    };
}
