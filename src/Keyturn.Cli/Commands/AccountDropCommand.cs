using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account drop</c></summary>
internal static class AccountDropCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var confirmation = new Confirmation();
        var command = new Command("drop", "Remove an account from the server, and its passwords from Keyturn");
        account.AddTo(command);
        confirmation.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var name = Printable.Of($"{address.Name} on {address.Instance}");
            await confirmation.AskAsync(parse, session.Terminal, $"Drop {name} for good?", cancel);
            var request = new ApiRequest(HttpMethod.Delete, address.Path(), $"Dropping {address.Name}");
            return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine($"dropped {name}"), cancel);
        });
        return command;
    }
}
