using System.Diagnostics;

namespace Keyturn.Bench;

/// <summary>The floor of an answer: <see cref="AnswerServer"/> in a process of its own, and a client of it.</summary>
internal sealed class AnswerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private AnswerProcess(Process process, Uri address) => (_process, _http) = (process, new HttpClient { BaseAddress = address });

    public static async Task<AnswerProcess> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["answer"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The answer server ended.");
        return new AnswerProcess(process, new Uri(address));
    }

    public async Task GetAsync()
    {
        using var response = await _http.GetAsync((Uri?)null);
        response.EnsureSuccessStatusCode();
    }

    public async Task PostAsync()
    {
        using var response = await _http.PostAsync((Uri?)null, content: null);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
