using System.Text;

namespace Keyturn.Cli.Tests;

/// <summary>One run of the command in this process, without a terminal, as a script would run it.</summary>
internal sealed record CommandRun(ExitCode ExitCode, string Out, string Error)
{
    public const string Token = "kt_canary-token";

    public static Task<CommandRun> AgainstAsync(StubServer server, params string[] arguments) => AgainstAsync(server, "", arguments);

    public static Task<CommandRun> AgainstAsync(StubServer server, string input, string[] arguments) =>
        RunAsync(arguments, input, new() { ["KEYTURN_SERVER"] = server.Url, ["KEYTURN_TOKEN"] = Token });

    public static async Task<CommandRun> RunAsync(string[] arguments, string input = "", Dictionary<string, string>? environment = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var stdin = new MemoryStream(Encoding.UTF8.GetBytes(input));
        var terminal = new Terminal
        {
            In = stdin,
            Out = output,
            Error = error,
            IsInteractive = false,
            IsOutTerminal = false,
            Environment = name => environment?.GetValueOrDefault(name),
        };
        var code = await KeyturnCommand.RunAsync(arguments, terminal);
        return new CommandRun((ExitCode)code, output.ToString(), error.ToString());
    }
}
