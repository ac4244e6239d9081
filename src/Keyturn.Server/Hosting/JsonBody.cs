using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Keyturn.Server.Hosting;

/// <summary>A request's JSON body, or what is wrong with it.</summary>
/// <param name="Value">The body; null when it is empty or <c>null</c>.</param>
/// <param name="Fault">A sentence that names the member, and never its value: it may be a password.</param>
internal sealed record JsonBody<T>(T? Value, string? Fault = null)
    where T : class;

/// <summary>
/// Reads bodies. The content type is not looked at: clients send JSON as all sorts of types and without one, and the empty body too.
/// </summary>
internal static class JsonBody
{
    public static async ValueTask<JsonBody<T>> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancel);
        if (body.Length == 0)
        {
            return new JsonBody<T>(Value: null);
        }

        if (FaultOf(body.GetBuffer().AsSpan(0, (int)body.Length)) is { } fault)
        {
            return new JsonBody<T>(Value: null, fault);
        }

        try
        {
            return new JsonBody<T>(JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type));
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // A JsonObject says with an ArgumentException that it has a member twice.
            return new JsonBody<T>(Value: null, Sentence((error as JsonException)?.Path));
        }
    }

    /// <summary>The parser looks at text only when it is read, which may be much later.</summary>
    private static string? FaultOf(ReadOnlySpan<byte> body) => Utf8.IsValid(body) ? JsonLimits.FaultOf(body) : "The body is not UTF-8.";

    /// <summary>The parser's own message may quote the text around the fault.</summary>
    public static string Sentence(string? path) =>
        path is null or "" or "$" ? "The body is not a JSON object." : $"The member {path.TrimStart('$', '.')} has the wrong type or value, occurs twice, or the JSON breaks there.";
}
