using System.Diagnostics;

namespace Keyturn.Crash.Lab;

/// <summary>Signals to one process, by its id.</summary>
internal static class Signals
{
    public const string Kill = "KILL";
    public const string Stop = "STOP";
    public const string Continue = "CONT";

    /// <summary>PostgreSQL's <c>-m immediate</c>: no checkpoint, no clean end of any session.</summary>
    public const string Quit = "QUIT";

    public static Task SendAsync(int pid, string signal) => Command.RunAsync("kill", ["-s", signal, $"{pid}"]);

    public static async Task UntilGoneAsync(int pid)
    {
        while (IsAlive(pid))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>A dead process that nobody has reaped is still listed.</summary>
    private static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')')..] is not [')', ' ', 'Z', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }
}

/// <summary>A program that does one thing and ends.</summary>
internal static class Command
{
    public static async Task RunAsync(string program, IEnumerable<string> arguments)
    {
        if (await TryAsync(program, arguments) is { } error)
        {
            throw new InvalidOperationException($"{program} failed: {error}");
        }
    }

    /// <summary>Null when it ended well, else what it said.</summary>
    public static async Task<string?> TryAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : $"{await output}{error}".Trim();
    }
}
