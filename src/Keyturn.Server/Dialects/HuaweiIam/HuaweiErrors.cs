using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Errors that no handler wrote, as the gateway in front of Huawei's services says them.</summary>
internal static class HuaweiErrors
{
    public static Task WriteAsync(HttpContext http)
    {
        var status = Status(http);
        var (code, message) = status == StatusCodes.Status401Unauthorized ? Refusal(http) : Sentence(status);
        return Answer(http, status, code, message).ExecuteAsync(http);
    }

    /// <summary>A door's error in the gateway's shape, which all clients of the three services read.</summary>
    public static JsonHttpResult<GatewayError> Answer(HttpContext http, int status, string code, string message) =>
        TypedResults.Json(new GatewayError(code, message, http.TraceIdentifier), IamJson.Default.GatewayError, statusCode: status);

    /// <summary>The gateway looks for the API before it looks at credentials, and a method that an API does not have makes it another, unknown one.</summary>
    private static int Status(HttpContext http) => http.Response.StatusCode switch
    {
        401 when http.GetEndpoint() is not RouteEndpoint => StatusCodes.Status404NotFound,
        405 => StatusCodes.Status404NotFound,
        var status => status,
    };

    private static (string Code, string Message) Refusal(HttpContext http)
    {
        var refusal = http.Features.Get<HuaweiRefusal>() ?? HuaweiRefusal.NoCredentials;
        return (refusal.Code, refusal.Message);
    }

    private static (string Code, string Message) Sentence(int status) => status switch
    {
        400 => ("APIGW.0201", "API request error."),
        403 => ("APIGW.0302", "The IAM user is not authorized to access the API."),
        404 => ("APIGW.0101", "The API does not exist or has not been published in the environment."),
        413 => ("APIGW.0201", "Request entity too large."),
        414 => ("APIGW.0201", "Request URI too large."),
        429 => ("APIGW.0308", "The throttling threshold has been reached."),
        503 => ("APIGW.0613", "The IAM service is currently unavailable."),
        _ => ("APIGW.0601", "Internal server error."),
    };
}
