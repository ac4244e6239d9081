using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api;

/// <summary>The native API's errors: one table from what was refused to what is answered.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";
    private const string TypePrefix = "urn:keyturn:problem:";

    /// <summary>A refusal, with nothing changed.</summary>
    public static JsonHttpResult<Problem> Of(HttpContext http, Refusal refusal)
    {
        var problem = refusal.Reason switch
        {
            RefusalReason.InstanceMissing => New(404, "instance-missing", "No such instance", refusal.Detail),
            RefusalReason.ResetMissing => New(404, "reset-missing", "No such reset", refusal.Detail),
            RefusalReason.SecretMissing => New(404, "secret-missing", "No password held", refusal.Detail),
            RefusalReason.InvalidRequest => New(422, "invalid-request", "Invalid request", refusal.Detail),
            RefusalReason.PasswordPolicy => New(422, "password-policy", "Password breaks the policy", refusal.Detail),
            RefusalReason.InstanceStatus => New(409, "instance-status", "Instance is not ready", refusal.Detail),
            RefusalReason.InstanceFrozen => New(409, "instance-frozen", "Instance is frozen", refusal.Detail),
            RefusalReason.Busy => New(409, "busy", "Another reset is open", refusal.Detail),
            RefusalReason.Unverified => New(409, "unverified", "Restored and not verified yet", refusal.Detail),
            RefusalReason.KeyReused => New(422, "key-reused", "Idempotency key reused", refusal.Detail),
            RefusalReason.Conflict => New(409, "conflict", "Conflict", refusal.Detail),
            RefusalReason.Protected => New(403, "protected", "Protected account", refusal.Detail),
            RefusalReason.Forbidden => New(403, "forbidden", "Not allowed", refusal.Detail),
            RefusalReason.TooManyGuesses => New(429, "too-many-guesses", "Too many wrong passwords", refusal.Detail),
            RefusalReason.Engine => OfEngine(refusal.Error, refusal.Detail),
            RefusalReason.Store => New(503, "store-failed", "Store cannot write", refusal.Detail),
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Reason, message: null),
        };
        http.NameReset(refusal.ResetId);
        if (refusal.RetryAfter is { } wait)
        {
            http.AskAgainAfter(wait);
        }

        return Answer(http, problem with { ResetId = refusal.ResetId, Violations = refusal.Violations is { Count: > 0 } broken ? broken : null });
    }

    /// <summary>The server, or the way to it, said no; nothing was changed.</summary>
    public static JsonHttpResult<Problem> Of(HttpContext http, Failure failure) => Answer(http, OfEngine(failure.Error, failure.Detail));

    /// <summary>A reset that ended with nothing changed.</summary>
    public static JsonHttpResult<Problem> OfFailedReset(HttpContext http, Guid resetId, Failure? cause) =>
        Answer(http, WithCause(New(424, "engine", "The reset failed, nothing changed", cause?.Detail ?? "The server refused."), cause?.Error ?? EngineError.ServerError) with { ResetId = resetId });

    /// <summary>A body, path or header that cannot be read.</summary>
    public static JsonHttpResult<Problem> Malformed(HttpContext http, string detail) => Answer(http, New(400, "malformed", "Malformed request", detail));

    /// <summary>The caller's project has no such instance.</summary>
    public static JsonHttpResult<Problem> InstanceMissing(HttpContext http, PathText instance) =>
        Of(http, new Refusal(RefusalReason.InstanceMissing, $"There is no instance {instance}."));

    /// <summary>The caller's project has no such principal.</summary>
    public static JsonHttpResult<Problem> PrincipalMissing(HttpContext http, PathText principal) =>
        Answer(http, New(404, "principal-missing", "No such principal", $"There is no principal {principal}."));

    /// <summary>The principal has no such credential.</summary>
    public static JsonHttpResult<Problem> CredentialMissing(HttpContext http, PathText credential) =>
        Answer(http, New(404, "credential-missing", "No such credential", $"There is no credential {credential}."));

    /// <summary>The project has no such access policy.</summary>
    public static JsonHttpResult<Problem> PolicyMissing(HttpContext http, PathText policy) =>
        Answer(http, New(404, "policy-missing", "No such policy", $"There is no policy {policy}."));

    /// <summary>The project has no such group.</summary>
    public static JsonHttpResult<Problem> GroupMissing(HttpContext http, PathText group) =>
        Answer(http, New(404, "group-missing", "No such group", $"There is no group {group}."));

    /// <summary>What is to be taken away is not there.</summary>
    public static JsonHttpResult<Problem> NotAttached(HttpContext http, string policy, string holder) =>
        Answer(http, New(404, "not-attached", "Not attached", $"{holder} does not have the policy {policy}."));

    /// <summary>Who is to be taken out is not in it.</summary>
    public static JsonHttpResult<Problem> NotMember(HttpContext http, string group, string principal) =>
        Answer(http, New(404, "not-member", "Not a member", $"{principal} is not in the group {group}."));

    /// <summary>204; why not; or <paramref name="nothing"/>, where there was nothing to change.</summary>
    public static Results<NoContent, JsonHttpResult<Problem>> NoContentOr(HttpContext http, ChangeOutcome outcome, Func<JsonHttpResult<Problem>> nothing) => outcome switch
    {
        { Refusal: { } refusal } => Of(http, refusal),
        { IsChanged: true } => TypedResults.NoContent(),
        _ => nothing(),
    };

    /// <summary>The caller may not do <paramref name="action"/>: its credential is not for it, or its policies do not allow it.</summary>
    public static JsonHttpResult<Problem> NotAllowed(HttpContext http, string? action)
    {
        var why = action is null || http.Caller().Scopes.Allows(action)
            ? $"Your policies do not allow {action ?? "this"} here: keyturn access explain says which statement decided."
            : $"The credential that you show is not for {action}: its scopes leave that out.";
        return Of(http, new Refusal(RefusalReason.Forbidden, why));
    }

    /// <summary>An answer that no handler wrote: the framework refused the request, or something threw.</summary>
    public static Task WriteAsync(HttpContext http)
    {
        if (http.Response.StatusCode == StatusCodes.Status403Forbidden)
        {
            return NotAllowed(http, http.RequiredAction()?.Name).ExecuteAsync(http);
        }

        var problem = http.Response.StatusCode switch
        {
            400 => New(400, "malformed", "Malformed request", "The request cannot be read: a path segment or query parameter is malformed."),
            401 => New(401, "unauthorized", "Unauthorized", "Send a valid token: Authorization: Bearer kt_…"),
            404 => New(404, "unknown-route", "Unknown route", "There is nothing at this path; /docs shows what there is."),
            405 => New(405, "method", "Method not allowed", $"This path does not answer {http.Request.Method}."),
            408 => New(408, "too-slow", "Request too slow", "The request did not come in time: a body comes with at least 240 bytes a second."),
            413 => New(413, "too-large", "Body too large", $"A body has at most {Listening.MaxBodyBytes} bytes."),
            429 => New(429, "too-many-requests", "Too many requests", "You send more requests than one caller may (keyturn serve --rate-limit); nothing was done. Retry-After says when to go on."),
            503 => New(503, "store-failed", "Store failed", "Keyturn's store could not be read or written; its log says why."),
            >= 500 => New(500, "internal", "Internal error", "Something went wrong inside Keyturn; its log says what, under the request's id."),
            var status => New(status, "refused", "Refused", "The request was refused."),
        };
        return Answer(http, problem).ExecuteAsync(http);
    }

    private static Problem OfEngine(EngineError error, string detail)
    {
        var problem = error switch
        {
            EngineError.AccountMissing => New(404, "account-missing", "No such account", detail),
            // No server was asked.
            EngineError.InvalidName => New(422, "invalid-request", "Invalid request", detail),
            _ => New(424, "engine", "The server refused, nothing changed", detail),
        };
        return WithCause(problem, error);
    }

    private static Problem WithCause(Problem problem, EngineError error) => problem with { Cause = error, NextStep = error.NextStep() };

    private static Problem New(int status, string slug, string title, string detail) => new(TypePrefix + slug, title, status, detail);

    private static JsonHttpResult<Problem> Answer(HttpContext http, Problem problem) =>
        TypedResults.Json(problem with { RequestId = http.TraceIdentifier }, ApiJson.Default.Problem, ContentType, problem.Status);
}
