using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;
using Keyturn.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn principal credential add</c></summary>
internal sealed class CredentialAddCommand
{
    private readonly Argument<string> _name = PrincipalCommand.Name();
    private readonly Option<string> _kind = new("--kind") { Description = "How it is shown", Required = true };
    private readonly Option<string?> _label = new("--label") { Description = "What it is for" };
    private readonly Option<string?> _expiresIn = new("--expires-in") { Description = "How long it lasts: 90s, 15m, 12h, 30d [as long as the credential that you show]", HelpName = "TIME" };
    private readonly PasswordInput _input = new("the password");
    private readonly PasswordOutput _output = new("secret", "secret");

    private readonly Option<string[]> _scopes = new("--scope")
    {
        Description = "What it may be used for: keyturn:account:reset, keyturn:account:*, database:read, …; may be repeated [as the token that you show]",
        HelpName = "SCOPE",
    };

    public static Command Create(ClientOptions client)
    {
        var add = new CredentialAddCommand();
        add._kind.AcceptOnlyFromAmong("token", "access-key", "email-key", "password");
        var command = new Command("add", "Make a credential; its secret is handed out this once") { add._name, add._kind, add._label, add._scopes, add._expiresIn };
        add._input.AddTo(command);
        add._output.AddTo(command);
        client.SetAction(command, add.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var password = await _input.ReadAsync(parse, session.Terminal, cancel);
        if (password is null != _output.IsWanted(parse))
        {
            throw CommandFailure.Usage(password is null
                ? "say where the secret may go, it is handed out only once: --show, or --write-to FILE."
                : "a password that you give is not handed out: leave --show and --write-to away.");
        }

        var body = Body(parse, password);
        using var file = _output.CreateFile(parse);
        var path = ApiPath.Of("principals", parse.GetRequiredValue(_name), "credentials");
        var answer = await session.SendAsync(new ApiRequest(HttpMethod.Post, path, "Asking the server") { Body = body }, cancel);
        if (answer.IsSuccess)
        {
            _output.Keep(file, answer.Body);
        }

        return session.Write(answer, issued => Show(parse, session.Terminal, issued), _output.IsShown(parse));
    }

    private JsonObject Body(ParseResult parse, Secret? password)
    {
        var body = new JsonObject { ["kind"] = parse.GetRequiredValue(_kind) };
        body.AddIfGiven("label", parse.GetValue(_label));
        body.AddIfGiven("password", password?.Reveal());
        if (parse.GetValue(_scopes) is { Length: > 0 } scopes)
        {
            body["scopes"] = new JsonArray([.. scopes.Select(scope => JsonValue.Create(scope))]);
        }

        if (parse.GetValue(_expiresIn) is { } time)
        {
            body["expires_in_seconds"] = TimeText.Seconds(time);
        }

        return body;
    }

    /// <summary>The secret is the last line, on its own; of an access key that is the SK, its AK stands above.</summary>
    private void Show(ParseResult parse, Terminal terminal, JsonElement issued)
    {
        if (issued.Member("credential") is { } credential)
        {
            terminal.WriteCredential(credential, issued.Text("email"));
            if (_output.IsShown(parse))
            {
                terminal.Error.WriteLine(credential.Text("kind") == "access-key" ? "Its secret key (SK), shown this once:" : "Its secret, shown this once:");
            }
        }

        _output.Show(parse, terminal, issued);
    }
}
