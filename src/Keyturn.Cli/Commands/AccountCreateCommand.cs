using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account create</c></summary>
internal static class AccountCreateCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var options = new ResetOptions();
        var command = new Command("create", "Create an account on the server, with a password that Keyturn holds and has proved");
        account.AddTo(command);
        options.AddTo(command);
        client.SetAction(command, (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var body = new JsonObject { ["user"] = address.User };
            body.AddIfGiven("host", address.Host);
            body.AddIfGiven("auth_database", address.AuthDatabase);
            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances", address.Instance, "accounts"), $"Creating {address.Name}") { Body = body };
            return options.RunAsync(parse, session, request, cancel);
        });
        return command;
    }
}
