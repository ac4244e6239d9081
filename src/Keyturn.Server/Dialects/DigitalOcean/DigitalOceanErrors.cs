using Keyturn.Engines;
using Keyturn.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>
/// Refusals and outcomes in DigitalOcean's words. Its clients repeat a POST on 429 and 5xx by themselves, so that neither is said of
/// anything that a database was asked for.
/// </summary>
internal static class DigitalOceanErrors
{
    private const string NotFound = "The resource you requested could not be found.";

    public static JsonHttpResult<DigitalOceanError> Missing(HttpContext http) => Answer(http, 404, NotFound);

    public static JsonHttpResult<DigitalOceanError> Malformed(HttpContext http, string detail) => Answer(http, 400, $"error parsing request body: {detail}");

    public static JsonHttpResult<DigitalOceanError> Invalid(HttpContext http, string detail) => Answer(http, 422, detail);

    public static JsonHttpResult<DigitalOceanError> Of(HttpContext http, Refusal refusal)
    {
        http.NameReset(refusal.ResetId);
        return refusal.Reason switch
        {
            RefusalReason.InstanceMissing or RefusalReason.ResetMissing or RefusalReason.SecretMissing => Missing(http),
            RefusalReason.InvalidRequest or RefusalReason.PasswordPolicy or RefusalReason.KeyReused => Answer(http, 422, refusal.Detail),
            RefusalReason.InstanceFrozen or RefusalReason.InstanceStatus or RefusalReason.Busy or RefusalReason.Unverified or RefusalReason.Conflict => Answer(http, 409, refusal.Detail),
            RefusalReason.Protected or RefusalReason.Forbidden => Answer(http, 403, refusal.Detail),
            RefusalReason.TooManyGuesses => Answer(http, 429, refusal.Detail),
            RefusalReason.Engine => Of(http, new Failure(refusal.Error, refusal.Detail)),
            RefusalReason.Store => Answer(http, 500, refusal.Detail),
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Reason, message: null),
        };
    }

    /// <summary>The database said no, or could not be asked: 422 where the request or the account is at fault, else 409, which nobody repeats.</summary>
    public static JsonHttpResult<DigitalOceanError> Of(HttpContext http, Failure failure) => failure.Error switch
    {
        EngineError.AccountMissing => Missing(http),
        EngineError.AccountHasNoPassword or EngineError.AccountLocked or EngineError.AccountExpired or EngineError.LoginNotPermitted
            or EngineError.TlsRequired or EngineError.MethodNotSpoken or EngineError.PasswordNotAsked or EngineError.PasswordRefusedByServer
            or EngineError.SendModeRefused or EngineError.Unsupported or EngineError.InvalidName => Answer(http, 422, failure.WithNextStep()),
        _ => Answer(http, 409, failure.WithNextStep()),
    };

    /// <summary>A reset that is not done.</summary>
    public static JsonHttpResult<DigitalOceanError> Of(HttpContext http, ResetRecord reset) => reset.State switch
    {
        ResetState.Failed => Of(http, reset.Cause ?? new Failure(EngineError.ServerError, "The database refused; nothing was changed.")),
        ResetState.Parked => Answer(http, 409, $"The reset waits for an operator: {reset.Cause?.Detail}"),
        _ => Answer(http, 409, "The database has not answered yet. Keyturn holds the new password and is finding out whether it is in force; do not send the request again."),
    };

    /// <summary>An answer that no handler wrote.</summary>
    public static Task WriteAsync(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var message = status switch
        {
            400 => "The request cannot be read: the path or a query parameter is malformed.",
            401 => "Unable to authenticate you.",
            403 => "You do not have permission to perform this action.",
            404 => NotFound,
            405 => "The method is not allowed for this resource.",
            413 => "The request body is too large.",
            429 => "API rate limit exceeded.",
            _ => "Unexpected server-side error",
        };
        return Answer(http, status, message).ExecuteAsync(http);
    }

    private static JsonHttpResult<DigitalOceanError> Answer(HttpContext http, int status, string message) =>
        TypedResults.Json(new DigitalOceanError(Id(status), message, http.TraceIdentifier), DigitalOceanJson.Default.DigitalOceanError, statusCode: status);

    private static string Id(int status) => status switch
    {
        400 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        409 => "conflict",
        413 => "request_entity_too_large",
        422 => "unprocessable_entity",
        429 => "too_many_requests",
        _ => "server_error",
    };
}
