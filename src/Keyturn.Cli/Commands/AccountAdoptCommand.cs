using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account adopt</c></summary>
internal sealed class AccountAdoptCommand
{
    private readonly AccountArguments _account = new(isUserNeeded: false);
    private readonly PasswordInput _input = new("the present password");
    private readonly Option<string?> _proof = ProofOption.Create();
    private readonly Option<string?> _from = new("--from")
    {
        Description = "Adopt the accounts of a list instead: name,password a line, or JSON objects (user, host, auth_database, password) a line; - reads standard input",
        HelpName = "FILE",
    };

    public static Command Create(ClientOptions client)
    {
        var adopt = new AccountAdoptCommand();
        var command = new Command("adopt", "Let Keyturn hold an account's present password, which a login proves; changes nothing on the server") { adopt._proof, adopt._from };
        adopt._account.AddTo(command);
        adopt._input.AddTo(command);
        client.SetAction(command, adopt.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        if (parse.GetValue(_from) is not { } list)
        {
            return await AdoptOneAsync(parse, session, cancel);
        }

        if (_account.IsUserGiven(parse) || _input.IsGiven(parse))
        {
            throw CommandFailure.Usage("--from names the accounts and their passwords: give no other.");
        }

        var accounts = await PasswordList.ReadAsync(list, session.Terminal, cancel);
        return await new AdoptionList(session, _account.InstanceOf(parse), parse.GetValue(_proof)).RunAsync(accounts, cancel);
    }

    private async Task<ExitCode> AdoptOneAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var address = _account.Of(parse);
        var password = await _input.ReadOrAskAsync(parse, session.Terminal, $"Present password of {address.Name}", cancel);
        var body = new JsonObject { ["password"] = password.Reveal() };
        body.AddIfGiven("proof", parse.GetValue(_proof));
        var request = new ApiRequest(HttpMethod.Post, address.Path("adopt"), $"Logging in as {address.Name}") { Body = body };
        return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine(Printable.Of($"adopted {address.Name}")), cancel);
    }
}
