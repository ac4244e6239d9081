using Keyturn.Cli.Output;
using Spectre.Console;

namespace Keyturn.Cli.Fleet;

/// <summary>How far a verification is: a bar for who sits there; for a log a line now and then, and one for each account that has drifted.</summary>
internal sealed class VerificationProgress(Terminal terminal, int all)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private long _told = TimeProvider.System.GetTimestamp();
    private int _done;
    private int _drifted;
    private ProgressTask? _bar;

    public async Task WhileAsync(Func<Task> work)
    {
        if (!terminal.IsInteractive)
        {
            await work();
            return;
        }

        await terminal.ErrorConsole().Progress().AutoClear(true).StartAsync(async context =>
        {
            _bar = context.AddTask("Verifying", maxValue: Math.Max(all, 1));
            await work();
        });
    }

    /// <summary>One account more; not called by two at once.</summary>
    public void Tell(AccountVerdict verdict)
    {
        _done++;
        _drifted += verdict.Verdict == AccountVerdict.Drifted ? 1 : 0;
        if (_bar is { } bar)
        {
            bar.Description = _drifted == 0 ? "Verifying" : $"Verifying, {_drifted} drifted";
            bar.Increment(1);
            return;
        }

        if (verdict.Verdict == AccountVerdict.Drifted)
        {
            terminal.Error.WriteLine(Printable.Of($"drifted: {verdict.Account.Name} on {verdict.Account.Instance}"));
        }

        if (TimeProvider.System.GetElapsedTime(_told) >= Pause)
        {
            _told = TimeProvider.System.GetTimestamp();
            terminal.Error.WriteLine($"{_done} of {all} accounts, {_drifted} drifted");
        }
    }
}
