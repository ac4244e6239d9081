using System.CommandLine;
using System.CommandLine.Help;
using Keyturn.Cli.Api;
using Keyturn.Cli.Commands;

namespace Keyturn.Cli;

/// <summary>The command <c>keyturn</c>: all commands on one screen, and how they end.</summary>
internal static class KeyturnCommand
{
    private const string SuggestDirective = "[suggest:";

    /// <summary>An <c>@</c> is part of an account's name, and no file of further arguments.</summary>
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    public static Command Create(Terminal terminal)
    {
        var client = new ClientOptions(terminal);
        // Not a RootCommand, which would call itself by the name of the assembly.
        return new Command("keyturn", "Resets, checks and holds the passwords of database accounts")
        {
            new HelpOption("--help", "-h") { Recursive = true },
            new VersionOption(),
            ServeCommand.Create(terminal),
            InitCommand.Create(terminal),
            StoreCommand.Create(terminal),
            ApplyCommand.Create(client),
            VerifyCommand.Create(client),
            InstanceCommand.Create(client),
            AccountCommand.Create(client),
            ResetCommand.Create(client),
            PrincipalCommand.Create(client),
            AccessCommand.Create(client),
            AuditCommand.Create(client, terminal),
            ProjectCommand.Create(client),
            StatusCommand.Create(client),
            CompletionCommand.Create(terminal),
        };
    }

    public static async Task<int> RunAsync(string[] arguments, Terminal terminal)
    {
        var command = Create(terminal);
        if (arguments is [var directive, var line] && directive.StartsWith(SuggestDirective, StringComparison.Ordinal))
        {
            Suggest(command, directive, line, terminal.Out);
            return (int)ExitCode.Done;
        }

        var parse = command.Parse(arguments, Parser);
        if (parse.Errors.Count > 0)
        {
            return Explain(parse, terminal.Error);
        }

        try
        {
            return await parse.InvokeAsync(Invocation(terminal));
        }
        catch (CommandFailure failure)
        {
            terminal.Error.WriteLine($"keyturn: {failure.Message}");
            return (int)failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            // A call that was sent is told apart by ApiClient: what ends here had asked the server for nothing.
            terminal.Error.WriteLine("keyturn: interrupted.");
            return (int)ExitCode.Usage;
        }
    }

    private static InvocationConfiguration Invocation(Terminal terminal) => new()
    {
        Output = terminal.Out,
        Error = terminal.Error,
        EnableDefaultExceptionHandler = false,
        // A server that is told to stop first ends the resets that are running.
        ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
    };

    private static int Explain(ParseResult parse, TextWriter error)
    {
        foreach (var message in parse.Errors.Select(mistake => mistake.Message.ReplaceLineEndings(" ")))
        {
            error.WriteLine($"keyturn: {message}");
        }

        error.WriteLine($"keyturn: see {PathOf(parse.CommandResult)} --help");
        return (int)ExitCode.Usage;
    }

    private static string PathOf(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : result.Command.Name;

    private static void Suggest(Command command, string directive, string line, TextWriter output)
    {
        var position = int.TryParse(directive.AsSpan(SuggestDirective.Length).TrimEnd(']'), out var given) ? Math.Min(given, line.Length) : line.Length;
        foreach (var completion in command.Parse(line, Parser).GetCompletions(position))
        {
            output.WriteLine(completion.Label);
        }
    }
}
