using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Api;

/// <summary>One command's talk with the server: it asks, and writes what came.</summary>
internal sealed class Session(ApiClient api, Terminal terminal, OutputFormat format)
{
    public Terminal Terminal => terminal;

    public bool IsJson => format is OutputFormat.Json;

    /// <summary>One call among several that are made at once: nobody is shown that it is under way.</summary>
    public Task<ApiAnswer> SendQuietlyAsync(ApiRequest request, CancellationToken cancel) => api.SendAsync(request, cancel);

    /// <summary>Writes what the command has put together itself.</summary>
    public void WriteJson(JsonNode body) => terminal.Out.WriteLine(JsonText.Of(body));

    public Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancel) =>
        terminal.WhileAsync(request.Doing, api.SendAsync(request, cancel));

    /// <summary>Writes the answer: as the API's JSON, as <paramref name="asTable"/> does for people, or the line of a problem.</summary>
    /// <returns>Done, undecided for a 202, or what the problem means.</returns>
    public ExitCode Write(ApiAnswer answer, Action<JsonElement> asTable, bool showPasswords = false)
    {
        if (format is OutputFormat.Json)
        {
            terminal.Out.WriteLine(JsonText.Of(answer.Body, showPasswords));
        }
        else if (answer.IsSuccess)
        {
            asTable(answer.Body);
        }

        if (answer.IsSuccess)
        {
            return answer.IsUndecided ? ExitCode.Undecided : ExitCode.Done;
        }

        var problem = new Problem(answer.Status, answer.Body);
        terminal.Error.WriteLine($"keyturn: {problem.Line()}");
        return problem.ExitCode;
    }

    /// <summary>Asks, and writes the answer.</summary>
    public async Task<ExitCode> RunAsync(ApiRequest request, Action<JsonElement> asTable, CancellationToken cancel) =>
        Write(await SendAsync(request, cancel), asTable);
}
