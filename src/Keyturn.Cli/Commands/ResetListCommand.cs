using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn reset list</c></summary>
internal static class ResetListCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = new Option<string?>("--instance") { Description = "Only of this instance" };
        var account = new Option<string?>("--account") { Description = "Only of this user of it" };
        var host = new Option<string?>("--host") { Description = "Only of this host of the user" };
        var database = AccountArguments.AuthDatabase("--auth-database");
        var limit = new Option<int?>("--limit") { Description = "At most so many, the latest first" };
        var command = new Command("list", "List resets, the latest first") { instance, account, host, database, limit };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var path = ApiPath.Of("resets").WithQuery(
                ("instance", parse.GetValue(instance)), ("account", parse.GetValue(account)),
                ("host", parse.GetValue(host)), ("auth_database", parse.GetValue(database)), ("limit", parse.GetValue(limit)?.ToString()));
            var request = new ApiRequest(HttpMethod.Get, path, "Asking for the resets");
            return session.RunAsync(
                request, body => session.Terminal.WriteTable(body.Items("resets"), "id", "instance", "account", "kind", "state", "prepared_at", "cause"), cancel);
        });
        return command;
    }
}
