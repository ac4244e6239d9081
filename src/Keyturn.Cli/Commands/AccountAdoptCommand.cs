using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account adopt</c></summary>
internal static class AccountAdoptCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var input = new PasswordInput("the present password");
        var proof = ProofOption.Create();
        var command = new Command("adopt", "Let Keyturn hold an account's present password, which a login proves; changes nothing on the server") { proof };
        account.AddTo(command);
        input.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var password = await input.ReadOrAskAsync(parse, session.Terminal, $"Present password of {address.Name}", cancel);
            var body = new JsonObject { ["password"] = password.Reveal() };
            body.AddIfGiven("proof", parse.GetValue(proof));
            var request = new ApiRequest(HttpMethod.Post, address.Path("adopt"), $"Logging in as {address.Name}") { Body = body };
            return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine(Printable.Of($"adopted {address.Name}")), cancel);
        });
        return command;
    }
}
