using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>
/// Refusals and outcomes in DDS's words. A 500 is said only where nothing was changed; once a database may have been changed, what will pass is
/// <see cref="DdsError.Busy"/>, which clients repeat: the same password joins the reset that is open.
/// </summary>
internal static class DdsErrors
{
    public static JsonHttpResult<DdsErrorBody> Answer(HttpContext http, DdsError error, string? detail = null) =>
        Answer(error, error.Text.For(http.Request) + (detail is null ? "" : $" {detail}"));

    public static JsonHttpResult<DdsErrorBody> Of(HttpContext http, DdsOperation operation, Instance instance, Refusal refusal)
    {
        http.NameReset(refusal.ResetId);
        return refusal.Reason switch
        {
            RefusalReason.InstanceMissing => Answer(http, DdsError.InstanceMissing),
            RefusalReason.InstanceFrozen => Answer(http, DdsError.Frozen),
            RefusalReason.InstanceStatus => Filled(http, DdsError.StatusForbids, DdsInstances.StatusOf(instance), operation.Name),
            RefusalReason.PasswordPolicy => Answer(http, DdsForm.Fault(refusal.Violations)!),
            RefusalReason.Protected => Answer(http, DdsError.BuiltIn),
            RefusalReason.Forbidden => Forbidden(http, http.RequiredAction()?.ShownName ?? ""),
            RefusalReason.Busy => Answer(http, DdsError.Busy),
            RefusalReason.TooManyGuesses => TooMany(http, refusal.RetryAfter!.Value),
            RefusalReason.InvalidRequest or RefusalReason.KeyReused => Answer(http, DdsError.Parameter, refusal.Detail),
            RefusalReason.Engine => Of(http, operation, new Failure(refusal.Error, refusal.Detail)),
            RefusalReason.Store => Answer(http, DdsError.Server),
            _ => Answer(http, operation.Failed, refusal.Detail),
        };
    }

    private static JsonHttpResult<DdsErrorBody> TooMany(HttpContext http, TimeSpan wait)
    {
        http.AskAgainAfter(wait);
        return Answer(http, DdsError.TooMany);
    }

    /// <summary>The database said no, or could not be asked; nothing was changed.</summary>
    public static JsonHttpResult<DdsErrorBody> Of(HttpContext http, DdsOperation operation, Failure failure) =>
        failure.Error.IsUnreachable() ? Answer(http, DdsError.Server) : OfServer(http, operation, failure);

    /// <summary>A reset that is not done.</summary>
    public static JsonHttpResult<DdsErrorBody> Of(HttpContext http, DdsOperation operation, ResetRecord reset) => reset.State switch
    {
        ResetState.Failed => OfServer(http, operation, reset.Cause ?? new Failure(EngineError.ServerError, "The database refused; nothing was changed.")),
        ResetState.Parked => Answer(http, operation.Failed, $"The reset waits for an operator: {reset.Cause?.Detail}"),
        _ => Answer(http, DdsError.Busy),
    };

    /// <summary>Whoever asks is of another project than the path.</summary>
    public static IResult OtherProject(HttpContext http) => Answer(http, DdsError.OtherProject);

    /// <summary>The credential that was shown is not for this.</summary>
    public static JsonHttpResult<DdsErrorBody> Forbidden(HttpContext http, string action) => Filled(http, DdsError.Forbidden, action);

    /// <summary>An answer that no handler wrote: in the gateway's words, as far as the request did not get through it.</summary>
    public static Task WriteAsync(HttpContext http) => http.Response.StatusCode switch
    {
        400 => Answer(http, DdsError.Parameter).ExecuteAsync(http),
        401 when IsTokensFault(http) => Answer(http, DdsError.InvalidToken).ExecuteAsync(http),
        403 when http.RequiredAction() is { } action => Forbidden(http, action.ShownName).ExecuteAsync(http),
        >= 500 => Answer(http, DdsError.Server).ExecuteAsync(http),
        _ => HuaweiErrors.WriteAsync(http),
    };

    /// <summary>What is no route of theirs is not there, whoever asks.</summary>
    private static bool IsTokensFault(HttpContext http) =>
        http.GetEndpoint() is RouteEndpoint && http.Features.Get<HuaweiRefusal>() is { } refusal && (refusal == HuaweiRefusal.UnknownToken || refusal == HuaweiRefusal.ExpiredToken);

    private static JsonHttpResult<DdsErrorBody> OfServer(HttpContext http, DdsOperation operation, Failure failure) => failure.Error switch
    {
        EngineError.InvalidName => Answer(http, DdsError.UserName),
        EngineError.AccountMissing => Answer(http, DdsError.AccountMissing),
        EngineError.AccountExists => Answer(http, DdsError.AccountExists),
        EngineError.PasswordRefusedByServer => Answer(http, DdsError.Password, failure.Detail),
        var error when error.MayPass() => Answer(http, DdsError.Busy),
        var error => Answer(http, operation.Failed, failure.WithNextStep()),
    };

    private static JsonHttpResult<DdsErrorBody> Filled(HttpContext http, DdsError error, string first, string second = "") =>
        Answer(error, error.Text.For(http.Request).Replace("{0}", first, StringComparison.Ordinal).Replace("{1}", second, StringComparison.Ordinal));

    private static JsonHttpResult<DdsErrorBody> Answer(DdsError error, string message) =>
        TypedResults.Json(new DdsErrorBody(error.Code, message), DdsJson.Default.DdsErrorBody, statusCode: error.Status);
}
