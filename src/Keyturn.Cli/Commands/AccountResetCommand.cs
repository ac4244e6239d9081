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
        var keepOldFor = new Option<string?>("--keep-old-for")
        {
            Description = "How long the old password stays valid beside the new one: 90s, 15m, 12h, 30d [not at all]; MySQL, MariaDB, Redis and Valkey",
            HelpName = "TIME",
        };
        var endSessions = new Option<bool>("--end-sessions") { Description = "Once it is done, end the sessions that began before [they live on]" };
        var command = new Command("reset", "Give an account a new password, and prove it by logging in") { keepOldFor, endSessions };
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
            if (parse.GetValue(keepOldFor) is { } time)
            {
                body["keep_old_for_seconds"] = TimeText.Seconds(time);
            }

            if (parse.GetValue(endSessions))
            {
                body["end_sessions"] = true;
            }

            body.AddIfGiven("wait_for_replicas_seconds", parse.GetValue(wait));
            return options.RunAsync(parse, session, new ApiRequest(HttpMethod.Post, address.Path("reset"), $"Resetting {address.Name}") { Body = body }, cancel);
        });
        return command;
    }
}
