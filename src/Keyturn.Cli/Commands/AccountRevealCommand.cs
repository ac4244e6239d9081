using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account reveal</c></summary>
internal static class AccountRevealCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var output = new PasswordOutput();
        var command = new Command("reveal", "Hand out the current password that Keyturn holds");
        account.AddTo(command);
        output.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            if (!output.IsWanted(parse))
            {
                throw CommandFailure.Usage("say where the password may go: --show, or --write-to FILE.");
            }

            using var file = output.CreateFile(parse);
            var request = new ApiRequest(HttpMethod.Get, account.Of(parse).Path("secret"), "Asking for the password");
            var answer = await session.SendAsync(request, cancel);
            if (answer.IsSuccess)
            {
                PasswordOutput.Keep(file, answer.Body);
            }

            return session.Write(answer, body => output.Show(parse, session.Terminal, body), output.IsShown(parse));
        });
        return command;
    }
}
