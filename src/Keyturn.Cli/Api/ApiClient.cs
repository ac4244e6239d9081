using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Keyturn.Cli.Api;

/// <summary>Calls the native API of one server, as one principal.</summary>
internal sealed class ApiClient(Uri server, string token, HttpMessageHandler handler) : IDisposable
{
    /// <summary>Longer than any answer takes: resets end, or become undecided, within their deadline.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(handler) { Timeout = Patience };

    public void Dispose() => _http.Dispose();

    /// <exception cref="CommandFailure">There was no answer, or one that no Keyturn gives.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancel)
    {
        try
        {
            using var message = MessageOf(request);
            using var response = await _http.SendAsync(message, cancel);
            return new ApiAnswer(response.StatusCode, await ReadAsync(response, cancel));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            throw Lost(request, e, cancel.IsCancellationRequested);
        }
    }

    private HttpRequestMessage MessageOf(ApiRequest request)
    {
        // Uri would fold the account names "." and ".." into the path, even percent-encoded.
        var asItIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var message = new HttpRequestMessage(request.Method, new Uri($"{server.GetLeftPart(UriPartial.Authority)}/api/v1{request.Path}", asItIs));
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (request.IdempotencyKey is { } key)
        {
            message.Headers.Add("Idempotency-Key", key);
        }

        if (request.Body is { } body)
        {
            message.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        return message;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancel);
        using var document = JsonDocument.Parse(bytes.Length == 0 ? "{}"u8.ToArray() : bytes);
        return document.RootElement.Clone();
    }

    private CommandFailure Lost(ApiRequest request, Exception error, bool isInterrupted)
    {
        var line = $"no answer from {server}: {(isInterrupted ? "interrupted" : Why(error))}.";
        return (WasSent(error), request) switch
        {
            (true, { IdempotencyKey: { } key }) => new CommandFailure(
                ExitCode.Undecided, $"{line} The server goes on with it: repeat the command with --idempotency-key {key} to learn the end.", error),
            (true, { Changes: true }) => new CommandFailure(ExitCode.Undecided, $"{line} It may have been done: look before you repeat it.", error),
            _ => new CommandFailure(ExitCode.Unreachable, $"{line} Check --server, and --ca where its certificate is your own.", error),
        };
    }

    private static bool WasSent(Exception error) => error is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError,
    };

    private static string Why(Exception error) => error switch
    {
        OperationCanceledException => $"it took longer than {Patience.TotalMinutes:0} minutes",
        JsonException => "what answers there is not Keyturn",
        { InnerException: { } inner } => inner.Message.TrimEnd('.'),
        _ => error.Message.TrimEnd('.'),
    };
}
