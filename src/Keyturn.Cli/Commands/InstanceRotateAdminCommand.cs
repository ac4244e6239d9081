using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance rotate-admin</c></summary>
internal sealed class InstanceRotateAdminCommand
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly PasswordOutput _output = new();
    private readonly Option<string?> _idempotencyKey = ResetOptions.IdempotencyKey();

    public static Command Create(ClientOptions client)
    {
        var rotate = new InstanceRotateAdminCommand();
        var command = new Command("rotate-admin", "Give the login that Keyturn administers an instance with a new password") { rotate._instance, rotate._idempotencyKey };
        rotate._output.AddTo(command);
        client.SetAction(command, rotate.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var name = parse.GetRequiredValue(_instance);
        using var file = _output.CreateFile(parse);
        var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances", name, "rotate-admin"), $"Rotating the admin login of {name}")
        {
            Body = new JsonObject { ["reveal"] = _output.IsWanted(parse) },
            IdempotencyKey = parse.GetValue(_idempotencyKey) ?? Guid.NewGuid().ToString(),
        };
        var answer = await session.SendAsync(request, cancel);
        if (answer.IsSuccess)
        {
            _output.Keep(file, answer.Body);
        }

        var code = session.Write(answer, body => Show(parse, session.Terminal, body), _output.IsShown(parse));
        return _output.IsWanted(parse) ? ResetOptions.WithPassword(code, answer) : code;
    }

    private void Show(ParseResult parse, Terminal terminal, JsonElement body)
    {
        if (body.Member("reset") is { } reset)
        {
            terminal.WriteReset(reset);
        }

        _output.Show(parse, terminal, body);
    }
}
