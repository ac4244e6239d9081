using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account reveal</c></summary>
internal sealed class AccountRevealCommand
{
    private readonly AccountArguments _account = new();
    private readonly PasswordOutput _output = new();

    private readonly Option<bool> _candidates = new("--candidates")
    {
        Description = "While a reset is open: show every password that may be in force, with its state and version",
    };

    public static Command Create(ClientOptions client)
    {
        var reveal = new AccountRevealCommand();
        var command = new Command("reveal", "Hand out the current password that Keyturn holds") { reveal._candidates };
        reveal._account.AddTo(command);
        reveal._output.AddTo(command);
        client.SetAction(command, reveal.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        if (!_output.IsWanted(parse))
        {
            throw CommandFailure.Usage("say where the password may go: --show, or --write-to FILE.");
        }

        var candidates = parse.GetValue(_candidates);
        if (candidates && !_output.IsShown(parse))
        {
            throw CommandFailure.Usage("--candidates are for reading: add --show.");
        }

        using var file = _output.CreateFile(parse);
        var path = _account.Of(parse).Path(["secret"], ("candidates", candidates ? "true" : null));
        var answer = await session.SendAsync(new ApiRequest(HttpMethod.Get, path, "Asking for the password"), cancel);
        if (answer.IsSuccess)
        {
            _output.Keep(file, answer.Body);
        }

        Action<JsonElement> show = candidates ? body => ShowCandidates(session.Terminal, body) : body => _output.Show(parse, session.Terminal, body);
        return session.Write(answer, show, _output.IsShown(parse));
    }

    private static void ShowCandidates(Terminal terminal, JsonElement body)
    {
        foreach (var candidate in body.Items("candidates"))
        {
            terminal.Out.WriteLine($"{candidate.Text("state")}\t{candidate.Text("version")}\t{candidate.Text("password")}");
        }
    }
}
