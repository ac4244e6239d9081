namespace Keyturn.LiveTests.Canaries;

/// <summary>Keeps the arguments and the environment of every process of the machine that may be looked at, while it watches.</summary>
internal sealed class ProcessWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public ProcessWatch() => _watching = WatchAsync();

    /// <summary>All of it, when the watch is over.</summary>
    public async Task<string> EndAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        return string.Join('\n', _seen);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
            {
                _seen.Add(Read(Path.Combine(process, "cmdline")));
                _seen.Add(Read(Path.Combine(process, "environ")));
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Nothing where the process has ended meanwhile or is somebody else's.</summary>
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
