using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account sessions</c> and <c>keyturn account end-sessions</c></summary>
internal static class AccountSessionsCommand
{
    public static Command CreateCount(ClientOptions client) => Create(
        client, "sessions", "Say how many sessions are open that began before the account's present password was set; changes nothing",
        address => new ApiRequest(HttpMethod.Get, address.Path("sessions"), $"Counting the sessions of {address.Name}"));

    public static Command CreateEnd(ClientOptions client) => Create(
        client, "end-sessions", "End the sessions that began before the account's present password was set",
        address => new ApiRequest(HttpMethod.Post, address.Path("end-sessions"), $"Ending old sessions of {address.Name}"));

    private static Command Create(ClientOptions client, string name, string description, Func<AccountAddress, ApiRequest> requestOf)
    {
        var account = new AccountArguments();
        var command = new Command(name, description);
        account.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var answer = await session.SendAsync(requestOf(account.Of(parse)), cancel);
            var code = session.Write(answer, session.Terminal.WriteSessions);
            return answer.IsSuccess && answer.Body.Text("is_complete") != "yes" ? ExitCode.Undecided : code;
        });
        return command;
    }
}
