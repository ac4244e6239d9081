using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// The built program with a store of its own: <c>keyturn init</c>, then <c>keyturn serve</c>, which may be killed and started again.
/// </summary>
public sealed class KeyturnProcess : IAsyncDisposable
{
    private const string Listening = "keyturn: listening on ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder;
    private readonly string? _database;
    private readonly bool _isSecond;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _server;
    private HttpClient? _client;
    private string _storeName = "keyturn.db";

    private KeyturnProcess(DirectoryInfo folder, string? database, bool isSecond) => (_folder, _database, _isSecond) = (folder, database, isSecond);

    /// <summary>The one that script/test has published; else of the same configuration and framework as the tests.</summary>
    private static string Program
    {
        get
        {
            if (Environment.GetEnvironmentVariable("KEYTURN_TEST_PROGRAM") is { Length: > 0 } published)
            {
                return published;
            }

            var built = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Lab.Repository, "src", "Keyturn.Cli", "bin", built.Parent!.Name, built.Name, "keyturn");
        }
    }

    /// <summary>More variables of the environment that its processes get.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string StorePath => InFolder(_storeName);

    public string MasterKeyPath => InFolder("master.key");

    /// <summary>What clients of an https address have to trust.</summary>
    public string CertificatePath => StorePath + ".dev-cert.pem";

    public string Token => File.ReadAllText(Path.Combine(_folder.FullName, "token")).Trim();

    public int ProcessId => _server!.Id;

    public Uri Address => _client!.BaseAddress!;

    /// <summary>Everything that any of its processes has written, standard output and error.</summary>
    public string Output => string.Join('\n', _output);

    public KeyturnApi Api => new(_client!);

    /// <summary>Makes a store. No server runs yet.</summary>
    /// <param name="database">Connection string of a store on PostgreSQL; by default it is a file.</param>
    public static async Task<KeyturnProcess> CreateAsync(string? database = null)
    {
        var keyturn = new KeyturnProcess(Directory.CreateTempSubdirectory("keyturn-whole-"), database, isSecond: false);
        using var init = keyturn.Run("init", [.. keyturn.StoreOptions, "--token-file", Path.Combine(keyturn._folder.FullName, "token")], pauseAt: null);
        await init.WaitForExitAsync();
        init.ExitCode.ShouldBe(0, keyturn.Output);
        return keyturn;
    }

    /// <summary>Another node on the same store, to be ended before this one.</summary>
    public KeyturnProcess AnotherNode() => new(_folder, _database, isSecond: true);

    /// <summary>Serves, on the same store every time, until it answers as ready.</summary>
    /// <param name="pauseAt">The hop at which every reset stops until the process is killed; none by default.</param>
    /// <param name="logLevel">As <c>--log-level</c> has it.</param>
    /// <param name="listen">As <c>--listen</c> has it.</param>
    /// <param name="more">Further options.</param>
    public async Task StartAsync(string? pauseAt = null, string logLevel = "Information", string listen = "http://127.0.0.1:0", params string[] more)
    {
        var before = _output.Count;
        _server = Run("serve", [.. StoreOptions, "--listen", listen, "--log-level", logLevel, .. more], pauseAt);
        await UntilAsync(() => _output.Skip(before).Any(line => line.StartsWith(Listening, StringComparison.Ordinal)));
        var address = _output.Skip(before).First(line => line.StartsWith(Listening, StringComparison.Ordinal))[Listening.Length..].Split(", ")[0];
        _client?.Dispose();
        _client = new HttpClient(NewHandler(new Uri(address))) { BaseAddress = new Uri(address), Timeout = StartLimit };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await UntilAsync(IsReadyAsync);
    }

    /// <summary>A file beside the store.</summary>
    public string InFolder(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>From the next start on, it serves another file.</summary>
    public void Serve(string storeName) => _storeName = storeName;

    /// <summary>Runs another command of the program, to its end; returns how it ended. What it said is in <see cref="Output"/>.</summary>
    public async Task<int> RunAsync(string command, params string[] arguments)
    {
        using var process = Run(command, arguments, pauseAt: null);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Waits until the server has written a line with the text.</summary>
    public Task UntilWrittenAsync(string text) => UntilAsync(() => _output.Any(line => line.Contains(text, StringComparison.Ordinal)));

    /// <summary>Waits until the program has written one more such line than it had before <paramref name="doing"/>.</summary>
    public async Task UntilWrittenByAsync(Func<Task> doing, string text)
    {
        var before = Count();
        await doing();
        await UntilAsync(() => Count() > before);

        int Count() => _output.Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Waits until as many resets as that have stopped at the hop.</summary>
    public Task UntilPausedAsync(string hop, int count) => UntilAsync(() => _output.Count(line => line == $"paused at {hop}") >= count);

    /// <summary>Waits until the server has ended, by a signal that somebody sent it.</summary>
    public async Task UntilEndedAsync()
    {
        await _server!.WaitForExitAsync();
        _server.Dispose();
        _server = null;
    }

    /// <summary>SIGKILL. Requests that wait for an answer fail.</summary>
    public async Task KillAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            server.Kill();
            await server.WaitForExitAsync();
            server.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _client?.Dispose();
        if (!_isSecond)
        {
            _folder.Delete(recursive: true);
        }
    }

    private SocketsHttpHandler NewHandler(Uri address)
    {
        var handler = new SocketsHttpHandler();
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            var trusted = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trusted.CustomTrustStore.ImportFromPemFile(CertificatePath);
            handler.SslOptions.CertificateChainPolicy = trusted;
        }

        return handler;
    }

    /// <summary>The lab's PostgreSQL has a replica, for other tests, that it does not wait for.</summary>
    private string[] StoreOptions => [.. _database is null ? (string[])["--store", StorePath] : ["--allow-asynchronous-store"], "--master-key", MasterKeyPath];

    private Process Run(string command, string[] options, string? pauseAt)
    {
        // As a service is started: under nohup the tests, and what they start, would never get the signal.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP", Program, command, .. options]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = _folder.FullName;
        start.Environment["KEYTURN_DEBUG_PAUSE_AT"] = pauseAt;
        start.Environment["KEYTURN_STORE"] = _database;
        foreach (var (name, value) in Variables)
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
        }
    }

    /// <summary>A store that answers late makes it say no for a while.</summary>
    private async Task<bool> IsReadyAsync()
    {
        using var answer = await _client!.GetAsync("/health/ready");
        return answer.IsSuccessStatusCode;
    }

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            _server!.HasExited.ShouldBeFalse(Output);
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(StartLimit, Output);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
