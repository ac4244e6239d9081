using Spectre.Console;

namespace Keyturn.Cli;

/// <summary>
/// Where a command reads and writes. Results go to <see cref="Out"/>, everything else (questions, progress, errors) to
/// <see cref="Error"/>, so that a pipe gets results only.
/// </summary>
internal sealed record Terminal
{
    /// <summary>The longest line that is written where no terminal gives a width: nothing is to be folded in a file.</summary>
    private const int WidthOfFiles = 4096;

    public required Stream In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether somebody sits there who can be asked, and be shown progress.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>Whether results are read by a person rather than by a pipe or a file.</summary>
    public required bool IsOutTerminal { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public static Terminal OfProcess() => new()
    {
        In = Console.OpenStandardInput(),
        Out = Console.Out,
        Error = Console.Error,
        IsInteractive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        IsOutTerminal = !Console.IsOutputRedirected,
        Environment = System.Environment.GetEnvironmentVariable,
    };

    /// <summary>A console for tables.</summary>
    public IAnsiConsole OutConsole() => ConsoleOf(Out, IsOutTerminal);

    /// <summary>A console for questions and progress.</summary>
    public IAnsiConsole ErrorConsole() => ConsoleOf(Error, IsInteractive);

    private static IAnsiConsole ConsoleOf(TextWriter writer, bool isTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = WidthOfFiles;
        }

        return console;
    }
}
