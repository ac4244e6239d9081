using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Crash.Nodes;

/// <summary>An answer of the native API.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonNode Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public string? this[string member] => (Body as JsonObject)?[member]?.ToString();
}

/// <summary>The native API as a client calls it.</summary>
internal sealed class KeyturnApi(HttpClient http)
{
    public Task<ApiAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, body: null, CancellationToken.None);

    public Task<ApiAnswer> PostAsync(string path, JsonNode? body, CancellationToken cancel) => SendAsync(HttpMethod.Post, path, body, cancel);

    /// <summary>A call that has to succeed for the campaign to have something to treat.</summary>
    public async Task<ApiAnswer> ExpectAsync(string path, JsonNode body)
    {
        var answer = await PostAsync(path, body, CancellationToken.None);
        return answer.IsSuccess ? answer : throw new InvalidOperationException($"{path} answered {(int)answer.Status}: {answer["title"]} {answer["detail"]}");
    }

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        return new ApiAnswer(response.StatusCode, Parse(text));
    }

    private static JsonNode Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? new JsonObject();
        }
        catch (JsonException)
        {
            return new JsonObject();
        }
    }
}
