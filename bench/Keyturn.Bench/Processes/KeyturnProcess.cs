using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Keyturn.Bench;

/// <summary>A folder with a store of its own, made by <c>keyturn init</c>, for one server process at a time.</summary>
internal sealed record KeyturnStore(string Program, string Folder)
{
    public string StorePath => Path.Combine(Folder, "store.db");

    public string MasterKeyPath => Path.Combine(Folder, "master.key");

    private string TokenPath => Path.Combine(Folder, "token");

    public static async Task<KeyturnStore> CreateAsync(string program, string folder)
    {
        Directory.CreateDirectory(folder);
        var store = new KeyturnStore(program, folder);
        var arguments = new[] { "init", "--store", store.StorePath, "--master-key", store.MasterKeyPath, "--principal", "bench", "--token-file", store.TokenPath };
        using var init = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await init.StandardError.ReadToEndAsync();
        await init.WaitForExitAsync();
        return init.ExitCode == 0 ? store : throw new InvalidOperationException($"keyturn init failed: {said}");
    }

    public async Task<string> TokenAsync() => (await File.ReadAllTextAsync(TokenPath)).Trim();
}

/// <summary>A running <c>keyturn serve</c>, and a client of it.</summary>
internal sealed class KeyturnProcess : IAsyncDisposable
{
    private const string ListeningOn = "listening on ";

    private readonly Process _process;

    private KeyturnProcess(Process process, HttpClient http, TimeSpan startTime) => (_process, Http, StartTime) = (process, http, startTime);

    public HttpClient Http { get; }

    /// <summary>From the exec of the program to its first 200 on <c>/health/ready</c>.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Megabytes of memory that the process has in the machine now.</summary>
    public double ResidentMb
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public static async Task<KeyturnProcess> StartAsync(KeyturnStore store)
    {
        var arguments = new[]
        {
            "serve", "--store", store.StorePath, "--master-key", store.MasterKeyPath, "--listen", "http://127.0.0.1:0", "--rate-limit", "1000000",
            "--log-level", "Warning", "--digitalocean-limit", int.MaxValue.ToString(CultureInfo.InvariantCulture),
        };
        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(store.Program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var address = await AddressAsync(process);
        var http = new HttpClient { BaseAddress = new Uri(address) };
        await ReadyAsync(http);
        var startTime = Stopwatch.GetElapsedTime(started);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await store.TokenAsync());

        // A pipe that nobody empties would stop the process in the end.
        _ = process.StandardError.BaseStream.CopyToAsync(Console.OpenStandardError());
        return new KeyturnProcess(process, http, startTime);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using (var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await terminate.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<string> AddressAsync(Process process)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(ListeningOn, StringComparison.Ordinal) is >= 0 and var at)
            {
                return line[(at + ListeningOn.Length)..];
            }
        }

        throw new InvalidOperationException("keyturn serve ended without listening.");
    }

    private static async Task ReadyAsync(HttpClient http)
    {
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }
}
