using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Errors of IAM's own paths, in Keystone's shape.</summary>
internal static class IamErrors
{
    /// <summary>A sign-in that was refused: the same whether the account, the user or the password is wrong.</summary>
    public static JsonHttpResult<KeystoneError> Unauthorized() => Answer(401, "Unauthorized.");

    /// <summary>Too many wrong passwords.</summary>
    public static JsonHttpResult<KeystoneError> TooMany(HttpContext http, TimeSpan wait)
    {
        http.AskAgainAfter(wait);
        return Answer(429, "Too many wrong passwords were given.");
    }

    public static JsonHttpResult<KeystoneError> Malformed() => Answer(400, "The request body is invalid");

    public static JsonHttpResult<KeystoneError> NotFound() => Answer(404, "The resource could not be found.");

    public static JsonHttpResult<KeystoneError> Answer(int status, string message) =>
        TypedResults.Json(new KeystoneError(new KeystoneErrorBody(status, message, Title(status))), IamJson.Default.KeystoneError, statusCode: status);

    /// <summary>An answer that no handler wrote. What is wrong with a signature is told here too.</summary>
    public static Task WriteAsync(HttpContext http)
    {
        var status = http.Response.StatusCode == 401 && http.GetEndpoint() is not RouteEndpoint ? 404 : http.Response.StatusCode;
        var message = status switch
        {
            401 => (http.Features.Get<HuaweiRefusal>() ?? HuaweiRefusal.NoCredentials).Message,
            403 => "You are not authorized to perform the requested action.",
            404 => "The resource could not be found.",
            405 => "The method is not allowed for the requested URL.",
            413 => "The request body is too large.",
            _ => Title(status) + ".",
        };
        return Answer(status, message).ExecuteAsync(http);
    }

    private static string Title(int status) => status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
