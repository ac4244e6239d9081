using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.Canaries;

/// <summary>Sends requests to any door, well formed and not, and keeps what refusals say.</summary>
internal sealed class Knocker(Uri address) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly StringBuilder _refusals = new();

    /// <summary>What requests are addressed to, as the Host header has it.</summary>
    public string Host => address.Authority;

    /// <summary>Headers and bodies of all answers that refuse.</summary>
    public string Refusals => _refusals.ToString();

    /// <summary>So many requests were answered.</summary>
    public int Count { get; private set; }

    /// <summary>Sends it as it is written, also what is no good.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">The body; none where it is null.</param>
    /// <param name="header">One header and its value.</param>
    /// <param name="contentType">What the body is said to be.</param>
    public Task<HttpResponseMessage> SendAsync(string method, string path, string? body, (string Name, string Value) header, string contentType = "application/json") =>
        SendAsync(method, path, body, [header], contentType);

    /// <summary>As the other, with several headers.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? body, IReadOnlyList<(string Name, string Value)> headers, string contentType = "application/json")
    {
        var asItIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{address.GetLeftPart(UriPartial.Authority)}{path}", asItIs));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        var response = await _client.SendAsync(request);
        await KeepAsync(response);
        return response;
    }

    /// <summary>The body of an answer that has to be good.</summary>
    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{response.RequestMessage!.RequestUri} {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public void Dispose() => _client.Dispose();

    private async Task KeepAsync(HttpResponseMessage response)
    {
        var text = response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync();
        lock (_refusals)
        {
            Count++;
            if (!response.IsSuccessStatusCode)
            {
                _refusals.Append(response.Headers).Append(response.Content.Headers).Append(text).Append('\n');
            }
        }
    }
}
