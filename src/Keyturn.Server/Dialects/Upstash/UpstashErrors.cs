using Keyturn.Engines;
using Keyturn.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Upstash;

/// <summary>
/// Refusals and outcomes in Upstash's words: statuses of its published list, and the <c>{"error"}</c> that its command line shows. None of
/// its clients repeats a 409, which its list does not have.
/// </summary>
internal static class UpstashErrors
{
    public static JsonHttpResult<UpstashError> Missing() => Answer(404, "database not found");

    public static JsonHttpResult<UpstashError> Forbidden(string detail) => Answer(403, detail);

    public static JsonHttpResult<UpstashError> NotAcceptable() => Answer(406, "not acceptable");

    public static JsonHttpResult<UpstashError> Of(HttpContext http, Refusal refusal)
    {
        http.NameReset(refusal.ResetId);
        return refusal.Reason switch
        {
            RefusalReason.InstanceMissing or RefusalReason.ResetMissing or RefusalReason.SecretMissing => Missing(),
            RefusalReason.InstanceFrozen or RefusalReason.InstanceStatus => Answer(400, "database is not active"),
            RefusalReason.InvalidRequest or RefusalReason.PasswordPolicy or RefusalReason.KeyReused => Answer(400, refusal.Detail),
            RefusalReason.Protected or RefusalReason.Forbidden => Answer(403, refusal.Detail),
            RefusalReason.Busy or RefusalReason.Unverified or RefusalReason.Conflict => Answer(409, refusal.Detail),
            RefusalReason.Engine => Of(new Failure(refusal.Error, refusal.Detail)),
            RefusalReason.Store => Answer(500, "internal server error"),
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Reason, message: null),
        };
    }

    /// <summary>A reset that is not done.</summary>
    public static JsonHttpResult<UpstashError> Of(ResetRecord reset) => reset.State switch
    {
        ResetState.Failed => Of(reset.Cause ?? new Failure(EngineError.ServerError, "The database refused; nothing was changed.")),
        ResetState.Parked => Answer(409, $"The reset waits for an operator: {reset.Cause?.Detail}"),
        _ => Answer(409, "The database has not answered yet. Keyturn holds the new password and is finding out whether it is in force; do not send the request again."),
    };

    /// <summary>An answer that no handler wrote.</summary>
    public static Task WriteAsync(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var message = status switch
        {
            400 => "invalid request",
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not found",
            405 => "method not allowed",
            413 => "request body is too large",
            429 => "too many requests",
            503 => "service unavailable",
            _ => "internal server error",
        };
        return Answer(status, message).ExecuteAsync(http);
    }

    /// <summary>The server said no, or could not be asked. Not a 404: the database is there, and Terraform would make it again.</summary>
    private static JsonHttpResult<UpstashError> Of(Failure failure) => Answer(409, failure.WithNextStep());

    private static JsonHttpResult<UpstashError> Answer(int status, string error) =>
        TypedResults.Json(new UpstashError(error), UpstashJson.Default.UpstashError, statusCode: status);
}
