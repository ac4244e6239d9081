using System.CommandLine;
using Spectre.Console;

namespace Keyturn.Cli.Commands;

/// <summary>What cannot be undone is asked for once more, or allowed beforehand with <c>--yes</c>.</summary>
internal sealed class Confirmation
{
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };

    public void AddTo(Command command) => command.Options.Add(_yes);

    /// <exception cref="CommandFailure">The person said no, or there is none to ask.</exception>
    public async Task AskAsync(ParseResult parse, Terminal terminal, string question, CancellationToken cancel)
    {
        if (parse.GetValue(_yes))
        {
            return;
        }

        if (!terminal.IsInteractive)
        {
            throw CommandFailure.Usage("there is no terminal to ask on: allow it with --yes.");
        }

        var prompt = new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false };
        if (!await prompt.ShowAsync(terminal.ErrorConsole(), cancel))
        {
            throw CommandFailure.Usage("left as it is.");
        }
    }
}
