using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;
using Keyturn.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary>What <c>account reset</c> and <c>account create</c> share: both give an account a new password, and both are resets.</summary>
internal sealed class ResetOptions
{
    private readonly PasswordInput _input = new("the new password");
    private readonly PasswordOutput _output = new();
    private readonly Option<bool> _ask = new("--ask") { Description = "Ask for the new password [else one is generated]" };
    private readonly Option<string?> _authPlugin = new("--auth-plugin") { Description = "MySQL and MariaDB: the authentication plugin [else the account's own]" };
    private readonly Option<string?> _proof = ProofOption.Create();

    private readonly Option<string?> _idempotencyKey = IdempotencyKey();

    /// <summary>The option of all commands that make a reset.</summary>
    public static Option<string?> IdempotencyKey() => new("--idempotency-key")
    {
        Description = "Repeated with the same key, the command learns the first one's end instead of changing again",
        HelpName = "KEY",
    };

    public void AddTo(Command command)
    {
        _input.AddTo(command);
        _output.AddTo(command);
        foreach (var option in new Option[] { _ask, _authPlugin, _proof, _idempotencyKey })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Sends the request with these options in its body, and writes how the reset ended.</summary>
    public async Task<ExitCode> RunAsync(ParseResult parse, Session session, ApiRequest request, CancellationToken cancel)
    {
        var body = request.Body ?? [];
        if (await PasswordAsync(parse, session.Terminal, cancel) is { } password)
        {
            body["password"] = password.Reveal();
        }

        body.AddIfGiven("auth_plugin", parse.GetValue(_authPlugin));
        body.AddIfGiven("proof", parse.GetValue(_proof));
        body["reveal"] = _output.IsWanted(parse);
        using var file = _output.CreateFile(parse);
        var key = parse.GetValue(_idempotencyKey) ?? Guid.NewGuid().ToString();
        var answer = await session.SendAsync(request with { Body = body, IdempotencyKey = key }, cancel);
        if (answer.IsSuccess)
        {
            _output.Keep(file, answer.Body);
        }

        var code = session.Write(answer, reset => Show(parse, session.Terminal, reset), _output.IsShown(parse));
        return _output.IsWanted(parse) ? WithPassword(code, answer) : code;
    }

    /// <summary>The exit code of a reset whose password was asked for.</summary>
    public static ExitCode WithPassword(ExitCode code, ApiAnswer answer) => code is ExitCode.Done && answer.Body.Member("password") is null
        ? throw new CommandFailure(ExitCode.Undecided, "the reset is done, but its password is no longer the current one: keyturn account reveal hands that out.")
        : code;

    private async Task<Secret?> PasswordAsync(ParseResult parse, Terminal terminal, CancellationToken cancel) =>
        parse.GetValue(_ask) ? await PasswordInput.AskNewAsync(terminal, "New password", cancel) : await _input.ReadAsync(parse, terminal, cancel);

    private void Show(ParseResult parse, Terminal terminal, System.Text.Json.JsonElement body)
    {
        if (body.Member("reset") is { } reset)
        {
            terminal.WriteReset(reset);
        }

        if (body.Member("sessions") is { } sessions)
        {
            terminal.WriteSessions(sessions);
        }

        terminal.WriteReplicas(body);
        _output.Show(parse, terminal, body);
    }
}
