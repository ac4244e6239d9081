using System.CommandLine;
using System.Text.Json.Nodes;
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
        var wait = new Option<double?>("--wait-for-replicas")
        {
            Description = "Once the reset is done, wait so long for the replicas to accept the new password, and tell which do",
            HelpName = "SECONDS",
        };
        account.AddTo(command);
        options.AddTo(command);
        command.Options.Add(wait);
        client.SetAction(command, (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var body = new JsonObject();
            body.AddIfGiven("wait_for_replicas_seconds", parse.GetValue(wait));
            return options.RunAsync(parse, session, new ApiRequest(HttpMethod.Post, address.Path("reset"), $"Resetting {address.Name}") { Body = body }, cancel);
        });
        return command;
    }
}
