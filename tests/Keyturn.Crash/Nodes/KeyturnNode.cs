using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using Keyturn.Crash.Lab;

namespace Keyturn.Crash.Nodes;

/// <summary>One real <c>keyturn serve</c>, which is killed and started again.</summary>
internal sealed class KeyturnNode(NodePlan plan, int number) : IAsyncDisposable
{
    private const string Listening = "keyturn: listening on ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A start competes with a storm for the machine.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(180);
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;
    private HttpClient? _http;

    public int Number => number;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Whether callers may be sent to it: it is up, and does not stand still.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Of the process that runs; 0 while none does.</summary>
    public int ProcessId => _process?.Id ?? 0;

    public KeyturnApi Api => new(_http ?? throw new InvalidOperationException("the node was never started"));

    /// <summary>Serves until killed. Returns when it answers as ready.</summary>
    /// <param name="pauseAt">The hop at which every reset stops; none by default.</param>
    public async Task StartAsync(string? pauseAt = null)
    {
        var before = _output.Count;
        var process = Run("serve", ["--listen", "http://127.0.0.1:0", "--rate-limit", "100000", "--log-level", "Warning"], pauseAt);
        AtExit.Do(process, () => AtExit.Kill(process));
        _process = process;
        await UntilAsync(() => _output.Skip(before).Any(line => line.StartsWith(Listening, StringComparison.Ordinal)));
        var address = new Uri(_output.Skip(before).First(line => line.StartsWith(Listening, StringComparison.Ordinal))[Listening.Length..].Split(", ")[0]);

        // The old client lives on with the calls that are still to fail on it.
        _http = new HttpClient { BaseAddress = address, Timeout = Patience };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", plan.Token);
        await UntilAsync(IsReadyAsync);
        IsServing = true;
    }

    /// <summary>A start that is expected not to come about: the exit code, and what it said last.</summary>
    public async Task<(int Code, string Said)> StartToFailAsync()
    {
        var before = _output.Count;
        using var process = Run("serve", ["--listen", "http://127.0.0.1:0", "--rate-limit", "100000", "--log-level", "Warning"], pauseAt: null);
        using var limit = new CancellationTokenSource(StartLimit);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, string.Join(' ', _output.Skip(before)));
    }

    /// <summary>Makes the store, and the token that all nodes of it are called with.</summary>
    public async Task InitialiseAsync()
    {
        using var init = Run("init", ["--token-file", plan.TokenFile], pauseAt: null);
        await init.WaitForExitAsync();
        if (init.ExitCode != 0)
        {
            throw new InvalidOperationException($"keyturn init failed: {string.Join(' ', _output)}");
        }
    }

    /// <summary>Waits until as many resets as that have stopped at the hop since <see cref="StartAsync"/>.</summary>
    public Task UntilPausedAsync(string hop, int count, int before) => UntilAsync(() => Paused(hop) - before >= count);

    /// <summary>How many resets have ever stopped at the hop.</summary>
    public int Paused(string hop) => _output.Count(line => line == $"paused at {hop}");

    /// <summary>SIGKILL. Calls that wait for an answer get none.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            IsServing = false;
            _process = null;
            AtExit.Forget(process);
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Stands still where it is, as a machine does that swaps or is moved. Calls that wait for an answer go on waiting.</summary>
    public async Task FreezeAsync()
    {
        IsServing = false;
        await Signals.SendAsync(ProcessId, Signals.Stop);
    }

    public async Task WakeAsync()
    {
        await Signals.SendAsync(ProcessId, Signals.Continue);
        IsServing = true;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http?.Dispose();
    }

    private Process Run(string command, string[] options, string? pauseAt)
    {
        string[] words = [.. plan.Before, plan.Program, command, .. plan.StoreOptions, .. options];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["KEYTURN_DEBUG_PAUSE_AT"] = pauseAt;
        start.Environment["KEYTURN_STORE"] = plan.IsShared ? plan.Store : null;
        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            _output.Enqueue(text);
            if (plan.Logs is { } folder)
            {
                lock (_output)
                {
                    File.AppendAllText(Path.Combine(folder, $"{Path.GetFileName(plan.Folder)}-{number}.log"), $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {text}\n");
                }
            }
        }
    }

    /// <summary>A store that answers late makes it say no for a while.</summary>
    private async Task<bool> IsReadyAsync()
    {
        using var answer = await _http!.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (!IsRunning || TimeProvider.System.GetElapsedTime(started) > StartLimit)
            {
                throw new InvalidOperationException($"node {number} did not come to that: {string.Join('\n', _output.TakeLast(20))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
