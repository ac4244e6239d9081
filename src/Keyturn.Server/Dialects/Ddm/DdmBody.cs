using System.Text.Json.Serialization.Metadata;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Reads bodies. A type that is not JSON's is refused, as documented; clients that name none are taken at their word.</summary>
internal static class DdmBody
{
    public static async ValueTask<(T? Value, JsonHttpResult<DdmError>? Error)> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        if (http.Request.ContentType is { Length: > 0 } sent && !IsJson(sent))
        {
            return (null, DdmErrors.Answer(http, DdmFault.ContentType, "The Content-Type is to be application/json."));
        }

        var body = await JsonBody.ReadAsync(http, type, cancel);
        return body.Value is { } value ? (value, null) : (null, DdmErrors.Answer(http, DdmFault.Parameter, body.Fault ?? "The body is empty."));
    }

    private static bool IsJson(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));
}
