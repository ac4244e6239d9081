using Spectre.Console;

namespace Keyturn.Cli.Output;

/// <summary>Shows that something is going on, once it takes longer than people like to wait in the dark.</summary>
internal static class Progress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static async Task<T> WhileAsync<T>(this Terminal terminal, string doing, Task<T> work)
    {
        if (!terminal.IsInteractive)
        {
            return await work;
        }

        await Task.WhenAny(work, Task.Delay(Patience, TimeProvider.System));
        return work.IsCompleted ? await work : await terminal.ErrorConsole().Status().StartAsync(Markup.Escape(doing), _ => work);
    }
}
