using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account reset</c></summary>
internal static class AccountResetCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var options = new ResetOptions();
        var command = new Command("reset", "Give an account a new password, and prove it by logging in");
        account.AddTo(command);
        options.AddTo(command);
        client.SetAction(command, (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            return options.RunAsync(parse, session, new ApiRequest(HttpMethod.Post, address.Path("reset"), $"Resetting {address.Name}"), cancel);
        });
        return command;
    }
}
